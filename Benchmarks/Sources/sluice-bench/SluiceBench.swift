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
    @Option(help: "Decisions to measure.")
    var calls = 200_000
    @Option(help: "Decisions before the measurement.")
    var warmUp = 20_000
    @Option(help: "Callers, each with one call in flight.")
    var inFlight = 256
    @Option(help: "Users, chosen at random for each call; 1 is always the same one.")
    var users = 100_000
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

    func validate() throws {
        guard calls > 0, warmUp >= 0, inFlight > 0, users > 0, journaled >= 0 else {
            throw ValidationError("calls, in-flight and users must be positive, warm-up and journaled not negative")
        }
        guard journaled == 0 || journal != nil else { throw ValidationError("journaled needs a journal") }
    }

    func run() async throws {
        var configuration = try SluiceConfiguration(
            databaseURL: url, policy: .standard(limit: quota, length: .seconds(window)))
        // Long enough that a stall is measured, not answered by the outage policy.
        configuration.path.batcher.timeout = .seconds(30)
        configuration.path.batcher.concurrency = concurrency
        configuration.path.breaker.slowAnswer = .seconds(30)
        if withoutCache { configuration.path.cache.maximumAge = .zero }
        configuration.partitions.daysAhead = partitionsAhead
        configuration.journal = journal.map { JournalSettings(directory: $0) }
        var logger = Logger(label: "sluice-bench")
        logger.logLevel = .warning
        let sluice = try Sluice(configuration, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await sluice.run() }
            await sluice.ready()
            _ = try await load(sluice, warmUp)
            if journaled > 0 {
                sluice.breaker.mode = .forcedOpen
                _ = try await load(sluice, journaled, of: 0x5252_0000_0000_4000)
                sluice.breaker.mode = .automatic
            }
            let start = ContinuousClock.now
            let tally = try await load(sluice, calls)
            let duration = start.duration(to: .now)
            // Had replay come to its end before, the figures would be of something else.
            guard journaled == 0 || sluice.journal?.records ?? 0 > 0 else {
                throw ValidationError("\(journaled) calls were replayed before the measurement was over: journal more")
            }
            print(tally.json(after: duration))
            group.cancelAll()
        }
    }

    /// - Parameter group: the users' common half of their ids.
    private func load(
        _ sluice: Sluice, _ calls: Int, of group: UInt64 = 0x5151_0000_0000_4000
    ) async throws -> Tally {
        let half = group
        return try await withThrowingTaskGroup(of: Tally.self) { group in
            for caller in 0..<inFlight {
                let share = calls / inFlight + (caller < calls % inFlight ? 1 : 0)
                group.addTask { try await call(sluice, share, of: half) }
            }
            return try await group.reduce(into: Tally()) { $0.add($1) }
        }
    }

    private func call(_ sluice: Sluice, _ times: Int, of group: UInt64) async throws -> Tally {
        var tally = Tally()
        tally.latencies.reserveCapacity(times)
        for _ in 0..<times {
            let user = UserID(bits: UUIDBits(high: group, low: UInt64.random(in: 0..<UInt64(users))))
            let start = ContinuousClock.now
            let decision = try await sluice.admit(user)
            tally.count(decision, after: start.duration(to: .now))
        }
        return tally
    }
}
