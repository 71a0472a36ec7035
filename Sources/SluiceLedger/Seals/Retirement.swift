import SluiceCore

/// A partition that retention has taken out of the ledger.
struct Retirement: Hashable, Sendable {
    let table: LedgerTable
    let from: Timestamp
    let until: Timestamp
    /// As PostgreSQL writes it, in UTC.
    let begunAt: String

    /// Whether it took the rows of a seal. What came to the same days afterwards was sealed later.
    func took(_ seal: Seal) -> Bool {
        seal.table == table && from < seal.day.end && seal.day.start < until && seal.sealedAt <= begunAt
    }
}
