/// A seal that was just made.
public struct NewSeal: Hashable, Sendable {
    public let number: Int
    public let table: LedgerTable
    public let day: LedgerDay
    /// 0 for the seal of the day, then counting unchecked calls that came later.
    public let amendment: Int
    /// Rows that cannot come late.
    public let rows: Int
    /// Unchecked calls that no earlier seal of the day has.
    public let lateRows: Int
    /// What to keep outside the database: nothing up to this seal can be changed unseen then.
    public let chain: String
}
