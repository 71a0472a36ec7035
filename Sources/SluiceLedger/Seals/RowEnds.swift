/// The first and the last of the rows that pass by, as `COPY` writes them.
struct RowEnds {
    private static let lineFeed = UInt8(ascii: "\n")

    private var firstLine: [UInt8] = []
    private var lastLine: [UInt8] = []

    /// - Parameter bytes: of any length, whole rows or not.
    mutating func update(_ bytes: [UInt8]) {
        if firstLine.last != Self.lineFeed {
            let end = bytes.firstIndex(of: Self.lineFeed).map { $0 + 1 } ?? bytes.endIndex
            firstLine += bytes[..<end]
        }
        if let end = bytes.dropLast().lastIndex(of: Self.lineFeed) {
            lastLine = Array(bytes[(end + 1)...])
        } else if lastLine.last == Self.lineFeed {
            lastLine = bytes
        } else {
            lastLine += bytes
        }
    }

    /// `nil` without rows.
    var first: LedgerKey? { Self.key(firstLine) }
    var last: LedgerKey? { Self.key(lastLine) }

    private static func key(_ line: [UInt8]) -> LedgerKey? {
        let fields = line.split(separator: UInt8(ascii: "\t"), maxSplits: 3, omittingEmptySubsequences: false)
        return LedgerKey(fields.prefix(3).map { Substring(decoding: $0, as: UTF8.self) }[...])
    }
}
