import SluiceLedger

/// Writes seals, and the rows that they were made from, to files.
struct AuditExport {
    /// What was written.
    struct Result: Equatable {
        var seals = 0
        var rows = 0
        var files = 0
        /// Of the whole chain.
        var head: String?
        /// Files whose bytes are not those that were sealed.
        var differing: [String] = []
    }

    private let reader: LedgerReader
    private let folder: AuditFolder

    init(_ reader: LedgerReader, to folder: AuditFolder) {
        self.reader = reader
        self.folder = folder
    }

    /// - Parameters:
    ///   - from: the first day whose rows are written; `nil` from the first sealed one.
    ///   - until: the first that no longer belongs to them; `nil` to the last sealed one.
    ///   - progress: told of each day before its rows are read, and of how many rows were read so far.
    nonisolated(nonsending) func run(
        from: LedgerDay?, until: LedgerDay?, progress: (LedgerDay, Int) -> Void
    ) async throws -> Result {
        let chain = try await reader.withSnapshot { try await reader.chain() }
        let held = try await reader.withSnapshot { try await reader.heldSeals(chain, from: from, until: until) }
        var result = Result()
        result.head = chain.head
        try await folder.write("seals.tsv", chain.seals.map { "\($0.line)\t\($0.chain)\n" }.joined())
        try await folder.write("seals.json", try JSONText.encode(chain.seals.map(AuditExportSeal.init)) + "\n")
        for (day, seals) in Dictionary(grouping: held, by: \.day).sorted(by: { $0.key < $1.key }) {
            progress(day, result.rows)
            try await reader.withSnapshot { try await write(day, seals, &result) }
        }
        try await folder.write("exported.txt", held.map { "\($0.number)\n" }.joined())
        try await folder.write("verify.sh", AuditExportKit.script)
        try await folder.write("README.md", AuditExportKit.readme)
        try await folder.writeChecksums(to: "SHA256SUMS")
        result.files = folder.checksums.count
        return result
    }

    private nonisolated(nonsending) func write(
        _ day: LedgerDay, _ seals: [Seal], _ result: inout Result
    ) async throws {
        var lines: [String] = []
        for seal in seals {
            result.seals += 1
            var after: [SealPart: LedgerKey] = [:]
            let ranges = try await reader.ranges(of: seal)
            for (index, range) in ranges.enumerated() {
                let isLast = ranges.dropFirst(index + 1).allSatisfy { $0.part != range.part }
                let query = RangeQuery(
                    table: seal.table, day: day, part: range.part, seal: seal.number, after: after[range.part],
                    through: isLast ? nil : range.last)
                after[range.part] = range.last
                let file = "\(seal.table.rawValue)-\(seal.number)-\(range.part.rawValue)-\(range.ordinal).tsv"
                var rows = 0
                let digest = try await folder.write("rows/\(day)/\(file)") { write in
                    rows = try await reader.copy(query) { try write($0) }
                }
                result.rows += rows
                if digest != range.digest { result.differing.append("rows/\(day)/\(file)") }
                lines.append(
                    "\(seal.number)\t\(range.part.rawValue)\t\(range.ordinal)\t\(range.rows)\t\(range.digest)\t\(file)\n"
                )
            }
        }
        try await folder.write("rows/\(day)/ranges.tsv", lines.joined())
    }
}
