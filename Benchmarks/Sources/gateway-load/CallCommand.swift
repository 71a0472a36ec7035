import ArgumentParser
import Foundation
import Synchronization

/// Calls over a number of connections, one thread each, and prints one line of JSON.
struct CallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "Call an endpoint as fast as it answers, or at a fixed rate.")

    @Option(help: "Port on the loopback.")
    var port: UInt16
    @Option(help: "File with a bearer token in each line; each call takes one at random.")
    var tokens: String
    @Option(help: "Connections, each with one call in flight.")
    var connections = 32
    @Option(help: "Calls per second over all connections; 0 calls again as soon as there is an answer.")
    var rate = 0
    @Option(help: "Seconds to measure.")
    var seconds = 5.0
    @Option(help: "Seconds before the measurement.")
    var warmUp = 1.0
    @Option(help: "Share of the calls that ask for a stream.")
    var streams = 0.0
    @Option(help: "Share of the calls whose client leaves at a random byte of the answer.")
    var hangUps = 0.0
    @Option(help: "Share of the calls that the first token makes.")
    var busy = 0.0
    @Flag(help: "Ask for the list of models, which is not metered, in place of a completion.")
    var models = false

    func validate() throws {
        guard connections > 0, rate >= 0, seconds > 0, warmUp >= 0 else {
            throw ValidationError("connections and seconds must be positive, rate and warm-up not negative")
        }
        guard [streams, hangUps, busy].allSatisfy((0...1).contains) else {
            throw ValidationError("streams, hang-ups and busy are shares: 0 to 1")
        }
    }

    func run() throws {
        let lines = try String(contentsOfFile: tokens, encoding: .utf8).split(separator: "\n").map(String.init)
        guard !lines.isEmpty else { throw ValidationError("\(tokens) holds no token") }
        let mix = Mix(
            requests: lines.map { Requests(token: $0, models: models) }, streams: streams, hangUps: hangUps, busy: busy)
        let begin = ContinuousClock.now + .milliseconds(50)
        let plan = Plan(
            begin: begin, from: begin + .seconds(warmUp), to: begin + .seconds(warmUp + seconds),
            period: rate > 0 ? .seconds(Double(connections) / Double(rate)) : nil)
        let total = Mutex(Tally())
        let done = DispatchGroup()
        for index in 0..<connections {
            done.enter()
            let offset = plan.period.map { $0 * index / connections } ?? .zero
            Thread.detachNewThread { [port] in
                var caller = Caller(port: port, mix: mix)
                caller.run(plan, offset: offset)
                let tally = caller.tally
                total.withLock { $0.add(tally) }
                done.leave()
            }
        }
        done.wait()
        print(total.withLock { $0.json(seconds: seconds) })
    }
}
