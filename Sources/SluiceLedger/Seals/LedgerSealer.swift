public import Postgres

/// Seals days of the ledger that are over. The database decides which is next, and lets one at a time do it.
public struct LedgerSealer: Sendable {
    private let database: any PostgresExecutor
    private let closedAfter: Duration

    /// - Parameters:
    ///   - database: as the schema's owner or as a member of `sluice_app`.
    ///   - closedAfter: how long after its end a day is sealed; 1 hour … 366 days.
    public init(database: any PostgresExecutor, closedAfter: Duration = .seconds(26 * 3_600)) {
        self.database = database
        self.closedAfter = closedAfter
    }

    /// Seals one day, or what came late to one.
    ///
    /// - Parameter until: the last day to seal; `nil` for any that is over.
    /// - Returns: the seals in their order; none when there is nothing to seal.
    /// - Throws: `.server(.lockNotAvailable)` while somebody else seals, or still adds rows of that day.
    public func sealNext(
        until: LedgerDay? = nil, deadline: ContinuousClock.Instant? = nil
    ) async throws(PostgresError) -> [NewSeal] {
        try await database.run(SealNextDay(closedAfter: closedAfter, until: until), deadline: deadline)
            .compactMap(\.self)
    }
}
