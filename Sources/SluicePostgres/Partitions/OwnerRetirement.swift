public import Postgres

/// Takes partitions out of the ledger as its owner, who may have them detached without a lock that admissions wait for.
///
/// Needs PostgreSQL 14, and a connection that is its own: it sets how long that waits for locks, and detaches outside of a
/// transaction.
public struct OwnerRetirement {
    /// The longest that anybody stands behind this session in a queue for a lock.
    private static let lockTimeout = "50ms"
    private static let firstPause = Duration.milliseconds(50)
    private static let longestPause = Duration.seconds(2)

    private let connection: PostgresConnection
    private let store: PartitionStore
    private let patience: Duration
    private let onWait: (String) -> Void

    /// - Parameters:
    ///   - patience: how long one partition is tried while transactions of others are in the way.
    ///   - onWait: is told the name of a partition, once, that has to be waited for.
    public init(connection: PostgresConnection, patience: Duration, onWait: @escaping (String) -> Void) {
        self.connection = connection
        self.patience = patience
        self.onWait = onWait
        store = PartitionStore(database: connection)
    }

    /// Whether this role and this server allow it.
    public static func isPossible(over connection: PostgresConnection) async throws(PostgresError) -> Bool {
        try await connection.run(OwnsLedger()).first ?? false
    }

    /// - Returns: the table that was kept or dropped; `nil` when somebody else was quicker.
    /// - Throws: with the state `lockNotAvailable` when patience is over. What was begun is finished by the next run, or by a
    ///   replica.
    public func retire(
        _ partition: LedgerPartition, by rule: RetentionRule
    ) async throws -> String? {
        try await connection.execute("SET lock_timeout = '\(Self.lockTimeout)'")
        let begin = BeginRetirement(name: partition.name, days: rule.days, action: rule.action)
        var attempts = Attempts(until: .now + patience)
        guard let id = try await attempts.run({ () throws(PostgresError) in try await connection.run(begin).first })
        else { return nil }
        while try await isAttached(partition) {
            do throws(PostgresError) {
                try await connection.execute(Self.detach(partition))
            } catch {
                guard error.sqlState?.isPassing == true else { throw error }
                if attempts.count == 0 { onWait(partition.name) }
                try await attempts.pause(after: error)
            }
        }
        return try await attempts.run { () throws(PostgresError) in
            try await connection.run(FinishRetirement(id: id)).first ?? nil
        }
    }

    private func isAttached(_ partition: LedgerPartition) async throws(PostgresError) -> Bool {
        let now = try await connection.run(ReadPartitionState(name: partition.name)).first
        return now == .attached
    }

    private static func detach(_ partition: LedgerPartition) -> String {
        "ALTER TABLE sluice.\(quoted(partition.parent)) DETACH PARTITION sluice.\(quoted(partition.name)) CONCURRENTLY"
    }

    private static func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }
}

extension OwnerRetirement {
    /// Tries, with growing pauses, as long as patience lasts.
    private struct Attempts {
        let end: ContinuousClock.Instant
        private(set) var count = 0
        private var pause = OwnerRetirement.firstPause

        init(until end: ContinuousClock.Instant) {
            self.end = end
        }

        mutating func run<Value>(_ body: () async throws(PostgresError) -> Value) async throws -> Value {
            while true {
                do throws(PostgresError) {
                    return try await body()
                } catch {
                    guard error.sqlState?.isPassing == true else { throw error }
                    try await pause(after: error)
                }
            }
        }

        /// - Throws: the error itself when patience is over.
        mutating func pause(after error: PostgresError) async throws {
            count += 1
            guard .now < end else { throw error }
            try await Task.sleep(for: pause * Double.random(in: 0.5...1))
            pause = min(pause * 2, OwnerRetirement.longestPause)
        }
    }
}
