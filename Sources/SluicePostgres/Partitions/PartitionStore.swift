public import Postgres
public import SluiceCore

/// The ledger's partitions: looks at them, makes them, and takes old ones away.
public struct PartitionStore: Sendable {
    private let database: any PostgresExecutor

    public init(database: any PostgresExecutor) {
        self.database = database
    }

    /// All of them, and tables that were some once; the oldest first.
    public func list(deadline: ContinuousClock.Instant) async throws(PostgresError) -> [LedgerPartition] {
        try await database.run(ListPartitions(), deadline: deadline)
    }

    /// The database's clock, by which partitions are old.
    public func now(deadline: ContinuousClock.Instant) async throws(PostgresError) -> Timestamp? {
        try await database.run(ReadClock(), deadline: deadline).first
    }

    public func summary(deadline: ContinuousClock.Instant) async throws(PostgresError) -> PartitionSummary? {
        try await database.run(ReadPartitionSummary(), deadline: deadline).first
    }

    /// Makes those that are missing from today on.
    ///
    /// - Parameter ahead: days beyond today, 1 … 999; by month, to the end of the next month at least.
    /// - Returns: how many days and months it made.
    public func ensure(
        _ unit: PartitionUnit, ahead: Int, deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> Int {
        let days = EnsurePartitions(days: ahead + 1)
        if unit == .day { return try await database.run(days, deadline: deadline).first ?? 0 }
        do throws(PostgresError) {
            return try await database.run(EnsureAhead(unit: unit, days: ahead), deadline: deadline).first ?? 0
        } catch  where error.sqlState == .undefinedFunction {
            // A schema that is older than months knows days.
            return try await database.run(days, deadline: deadline).first ?? 0
        }
    }

    /// Names of those that a rule no longer wants and that may go, the oldest first, all tables of one day together.
    public func expired(
        _ rule: RetentionRule, atMost count: Int, deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> [String] {
        try await database.run(ExpiredPartitions(days: rule.days, most: count), deadline: deadline)
    }

    /// Takes one out of the ledger. Admissions wait for that for some milliseconds, and never more than 50 while it waits itself.
    ///
    /// - Returns: the table that was kept or dropped; `nil` when somebody else was quicker.
    /// - Throws: with the state `lockNotAvailable` when others use the ledger for longer: try again later.
    public func retire(
        _ name: String, by rule: RetentionRule, deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> String? {
        let statement = RetirePartition(name: name, days: rule.days, action: rule.action)
        return try await database.run(statement, deadline: deadline).first ?? nil
    }

    /// Finishes what somebody began and left: one retirement.
    ///
    /// - Returns: the table that was kept or dropped; `nil` when there was nothing to finish.
    public func resume(deadline: ContinuousClock.Instant) async throws(PostgresError) -> String? {
        try await database.run(ResumeRetirement(), deadline: deadline).first ?? nil
    }

    /// Tables that wait to be written to files.
    public func pendingExports(deadline: ContinuousClock.Instant) async throws(PostgresError) -> [PendingExport] {
        try await database.run(PendingExports(), deadline: deadline)
    }
}
