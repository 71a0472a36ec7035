/// One link of the chain, as the view `sluice.seal_chain` has it.
public struct Seal: Hashable, Sendable {
    /// Everything in it but ``chain``, in the form that is digested.
    public let line: String
    /// `chain` of the seal before; zeros for the first.
    public let previous: String
    /// From 1.
    public let number: Int
    public let table: LedgerTable
    public let day: LedgerDay
    /// 0 for the seal of the day, then counting unchecked calls that came later.
    public let amendment: Int
    public let format: Int
    /// Rows that cannot come late.
    public let rows: Int
    public let digest: String
    /// Unchecked calls that no earlier seal of the day has.
    public let lateRows: Int
    public let lateDigest: String
    /// As PostgreSQL writes it, in UTC.
    public let sealedAt: String
    public let chain: String

    /// - Parameter line: a row of the view as `COPY` writes it; `nil` for anything else.
    public init?(copied line: Substring) {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard fields.count == 12, let number = Int(fields[1]), let table = LedgerTable(rawValue: String(fields[2])),
            let day = LedgerDay(iso: String(fields[3])), let amendment = Int(fields[4]), let format = Int(fields[5]),
            let rows = Int(fields[6]), let lateRows = Int(fields[8])
        else { return nil }
        self.line = fields.dropLast().joined(separator: "\t")
        (previous, digest, lateDigest) = (String(fields[0]), String(fields[7]), String(fields[9]))
        (self.number, self.table, self.day, self.amendment) = (number, table, day, amendment)
        (self.format, self.rows, self.lateRows) = (format, rows, lateRows)
        (sealedAt, chain) = (String(fields[10]), String(fields[11]))
    }
}
