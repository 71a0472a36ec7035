import ArgumentParser
import Logging
import Sluice

/// Drives the library with a number of calls in flight, and prints one line of JSON.
@main
struct SluiceBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluice-bench", abstract: "Drives the limiter in a closed loop and prints its rate and latency.")

    @Option(help: "Connection URL of a database of its own; it is migrated.")
    var url: String
    @Option(help: "Decisions to measure, unless seconds are given.")
    var calls = 200_000
    @Option(help: "Seconds to measure.")
    var seconds: Double?
    @Option(
        help: "When the measurement begins, in seconds since 1970, so that several processes measure the same time.")
    var begin: Double?
    @Option(help: "Decisions before the measurement.")
    var warmUp = 20_000
    @Option(help: "Callers, each with one call in flight.")
    var inFlight = 256
    @Option(help: "Users, chosen at random for each call; 1 is always the same one.")
    var users = 100_000
    @Option(help: "Of those, the first so many make a share of all calls.")
    var hotUsers = 0
    @Option(help: "That share.")
    var hotShare = 0.0
    @Option(help: "Of the choice of users: the same one, the same users; one of its own unless given.")
    var seed: UInt64?
    @Option(help: "Weight that the window takes.")
    var quota: Int64 = 1_000_000
    @Option(help: "Seconds of the window.")
    var window: Int64 = 3_600
    @Option(help: "Batches under way at once.")
    var concurrency = 2
    @Option(help: "Days beyond today that have a partition.")
    var partitionsAhead = 14
    @Option(help: "Calls of other users that went through unchecked and are replayed during the measurement.")
    var journaled = 0
    @Option(help: "Folder of the journal.")
    var journal: String?
    @Flag(help: "Ask the database also about users who are known to be refused.")
    var withoutCache = false
    @Flag(
        help: "Insert a row for each call through the same client in place of a decision; the table \"floor\" is made.")
    var insert = false

    func validate() throws {
        guard calls > 0, warmUp >= 0, inFlight > 0, users > 0, journaled >= 0, seconds ?? 1 > 0 else {
            throw ValidationError(
                "calls, seconds, in-flight and users must be positive, warm-up and journaled not negative")
        }
        guard (0...users).contains(hotUsers), (0...1).contains(hotShare), hotUsers > 0 || hotShare == 0 else {
            throw ValidationError("hot-users must be some of the users, and hot-share from 0 to 1 of the calls")
        }
        guard journaled == 0 || journal != nil else { throw ValidationError("journaled needs a journal") }
    }

    func run() async throws {
        var logger = Logger(label: "sluice-bench")
        logger.logLevel = .warning
        let loop = ClosedLoop(callers: inFlight, seed: seed ?? .random(in: 0 ... .max), warmUp: warmUp, begin: begin)
        let length: ClosedLoop.Length = seconds.map { .time(.seconds($0)) } ?? .calls(calls)
        if insert {
            print(try await InsertFloor(url: url, connections: inFlight, logger: logger).measure(loop, length).json)
        } else {
            print(try await decide(loop, length, logger).json)
        }
    }

    private func decide(
        _ loop: ClosedLoop, _ length: ClosedLoop.Length, _ logger: Logger
    ) async throws -> Measurement {
        let sluice = try Sluice(sluiceConfiguration(), logger: logger)
        let crowd = Crowd(users: users, hotUsers: hotUsers, hotShare: hotShare)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await sluice.run() }
            await sluice.ready()
            if journaled > 0 {
                sluice.breaker.mode = .forcedOpen
                let others = Crowd(users: users, half: 0x5252_0000_0000_4000)
                try await ClosedLoop(callers: inFlight, seed: loop.seed).run(.calls(journaled)) { numbers in
                    Outcome(try await sluice.admit(others.next(&numbers)))
                }
                sluice.breaker.mode = .automatic
            }
            let measurement = try await loop.run(length) { numbers in
                Outcome(try await sluice.admit(crowd.next(&numbers)))
            }
            // Had replay come to its end before, the figures would be of something else.
            guard journaled == 0 || sluice.journal?.records ?? 0 > 0 else {
                throw ValidationError("\(journaled) calls were replayed before the measurement was over: journal more")
            }
            group.cancelAll()
            return measurement
        }
    }

    private func sluiceConfiguration() throws -> SluiceConfiguration {
        var configuration = try SluiceConfiguration(
            databaseURL: url, policy: .standard(limit: quota, length: .seconds(window)))
        // Long enough that a stall is measured, not answered by the outage policy.
        configuration.path.batcher.timeout = .seconds(30)
        configuration.path.batcher.concurrency = concurrency
        configuration.path.breaker.slowAnswer = .seconds(30)
        if withoutCache { configuration.path.cache.maximumAge = .zero }
        configuration.partitions.daysAhead = partitionsAhead
        configuration.journal = journal.map { JournalSettings(directory: $0) }
        return configuration
    }
}
