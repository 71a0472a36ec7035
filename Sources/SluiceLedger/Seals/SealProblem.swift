/// Something that is not as it was sealed.
public struct SealProblem: Hashable, Sendable {
    public enum Kind: String, Sendable {
        /// A seal was changed, removed or put elsewhere.
        case chain
        /// The chain does not hold the head that somebody kept.
        case head
        /// A day, or a number, is missing.
        case gap
        /// The ranges of a seal do not make its digest, or other calls are listed for it than it has.
        case ranges
        /// Rows of the ledger were changed, removed or added.
        case rows
    }

    public let kind: Kind
    public let seal: Int?
    public let table: LedgerTable?
    public let day: LedgerDay?
    public let part: SealPart?
    /// The rows among which it is; `nil` where that is not known.
    public let range: SealRange?
    public let expectedRows: Int?
    public let foundRows: Int?
    /// What is wrong, in a sentence without the rest.
    public let message: String

    init(
        _ kind: Kind, _ message: String, seal: Seal? = nil, table: LedgerTable? = nil, day: LedgerDay? = nil,
        part: SealPart? = nil, range: SealRange? = nil, expected: Int? = nil, found: Int? = nil
    ) {
        (self.kind, self.message) = (kind, message)
        self.seal = seal?.number
        self.table = seal?.table ?? table
        self.day = seal?.day ?? day
        (self.part, self.range) = (part, range)
        (expectedRows, foundRows) = (expected, found)
    }
}

extension SealProblem: CustomStringConvertible {
    /// As in `2026-11-20 calls, seal 7: …`.
    public var description: String {
        let place = [day.map(\.description), table?.rawValue].compactMap(\.self).joined(separator: " ")
        let subject = [place.isEmpty ? nil : place, seal.map { "seal \($0)" }].compactMap(\.self)
        return (subject.isEmpty ? "" : subject.joined(separator: ", ") + ": ") + message
    }
}
