/// Some of the rows of a part in the order of their keys, and what they were when they were sealed.
public struct SealRange: Hashable, Sendable {
    public let seal: Int
    public let part: SealPart
    /// From 0.
    public let ordinal: Int
    public let rows: Int
    public let digest: String
    public let first: LedgerKey
    public let last: LedgerKey

    /// - Parameter line: a row of the view `sluice.seal_parts` as `COPY` writes it; `nil` for anything else.
    init?(copied line: Substring) {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard fields.count == 11, let seal = Int(fields[0]), let ordinal = Int(fields[2]), let rows = Int(fields[3]),
            let first = LedgerKey(fields[5..<8]), let last = LedgerKey(fields[8..<11])
        else { return nil }
        (self.seal, self.ordinal, self.rows, self.first, self.last) = (seal, ordinal, rows, first, last)
        part = fields[1] == "t" ? .late : .ordered
        digest = String(fields[4])
    }
}
