import Logging
import Postgres

/// Takes partitions out of the ledger that are older than is wanted, so gently that nobody notices.
struct PartitionRetention: Sendable {
    /// How often one partition is tried while others use the ledger for longer than the database waits.
    private static let attempts = 8
    private static let firstPause = Duration.seconds(1)
    private static let longestPause = Duration.seconds(30)
    /// After each partition every session makes some plans anew; not for one after the other at once.
    private static let pauseBetween = Duration.seconds(1)

    let store: PartitionStore
    let rule: RetentionRule
    let exporter: PartitionExporter?
    let logger: Logger
    let sleep: @Sendable (Duration) async throws -> Void

    /// - Returns: the tables that were kept or dropped; what others did meanwhile is not among them.
    func run() async throws -> [String] {
        var done: [String] = []
        while let name = try await tried({ store throws(PostgresError) in
            try await store.resume(deadline: Self.deadline)
        }) {
            done.append(name)
            try await sleep(Self.pauseBetween)
        }
        let expired = try await store.expired(rule, atMost: 1_000, deadline: Self.deadline)
        for name in expired {
            guard
                let kept = try await tried({ store throws(PostgresError) in
                    try await store.retire(name, by: rule, deadline: Self.deadline)
                })
            else { continue }
            done.append(kept)
            logger.notice("partition retired", metadata: ["partition": "\(name)", "action": "\(rule.action.rawValue)"])
            try await sleep(Self.pauseBetween)
        }
        for table in try await exporter?.exportAll() ?? [] {
            logger.notice("partition exported", metadata: ["file": "\(table.file)", "rows": "\(table.rows)"])
        }
        return done
    }

    private static var deadline: ContinuousClock.Instant { .now + .seconds(30) }

    /// Tries again, with growing pauses, while others hold the locks.
    private func tried(
        _ body: (PartitionStore) async throws(PostgresError) -> String?
    ) async throws -> String? {
        var pause = Self.firstPause
        for _ in 1..<Self.attempts {
            do throws(PostgresError) {
                return try await body(store)
            } catch {
                // Another replica may have taken it away since it was listed.
                if error.sqlState == .undefinedTable { return nil }
                guard error.sqlState?.isPassing == true else { throw error }
            }
            try await sleep(pause * Double.random(in: 0.5...1))
            pause = min(pause * 2, Self.longestPause)
        }
        return try await body(store)
    }
}

extension SQLState {
    /// Others hold the locks, or are about to give way: later it may work.
    package var isPassing: Bool { self == .lockNotAvailable || isRetryableTransactionFailure }
}
