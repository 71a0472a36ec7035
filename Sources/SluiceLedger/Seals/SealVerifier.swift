public import Postgres

/// Recomputes the seals from the rows, and says where they differ.
///
/// It reads views alone, so a member of `sluice_audit` may do it, and trusts no function of the database. Memory does not
/// grow with the rows.
public struct SealVerifier: Sendable {
    private let reader: LedgerReader

    public init(connection: PostgresConnection) { reader = LedgerReader(connection: connection) }

    /// Reads the whole chain, and the rows of some days.
    ///
    /// - Parameters:
    ///   - from: the first day whose rows are read; `nil` from the first sealed one.
    ///   - until: the first that no longer belongs to them; `nil` to the last sealed one.
    ///   - head: a chain that was kept outside the database, 64 hexadecimal digits.
    ///   - progress: told of each day before its rows are read, and of how many rows were read so far.
    /// - Throws: ``SealError``, or what PostgreSQL says. What differs is no error but in the report.
    public func verify(
        from: LedgerDay? = nil, until: LedgerDay? = nil, head: String? = nil,
        progress: (LedgerDay, Int) -> Void = { _, _ in }
    ) async throws -> SealReport {
        let (chain, retirements, held, today) = try await reader.withSnapshot {
            (
                try await reader.chain(), try await reader.retirements(), try await reader.heldDays(),
                try await reader.today()
            )
        }
        var report = SealReport()
        (report.seals, report.head, report.problems) = (chain.seals.count, chain.head, chain.problems(head: head))
        if let first = chain.firstDay, from.map({ $0 <= first }) ?? true { try await early(before: first, &report) }
        let days = Dictionary(grouping: chain.seals, by: \.day)
        for (day, seals) in days.sorted(by: { $0.key < $1.key }) where Self.isWanted(day, from, until) {
            let held = seals.filter { seal in !retirements.contains { $0.took(seal) } }
            if held.count < seals.count { report.goneDays.append(day) }
            guard !held.isEmpty else { continue }
            progress(day, report.rows)
            try await reader.withSnapshot { try await verify(day, held, &report) }
            report.days += 1
        }
        report.unsealedDays = Self.unsealed(after: chain, held, today).filter { Self.isWanted($0, from, until) }
        return report
    }

    static func isWanted(_ day: LedgerDay, _ from: LedgerDay?, _ until: LedgerDay?) -> Bool {
        (from.map { $0 <= day } ?? true) && (until.map { day < $0 } ?? true)
    }

    /// Days from the chain's end to yesterday; without a chain, those that have partitions.
    private static func unsealed(after chain: SealChain, _ held: [Range<LedgerDay>], _ today: LedgerDay) -> [LedgerDay]
    {
        guard let start = chain.newestDay?.next ?? held.map(\.lowerBound).min(), start < today else { return [] }
        return (start.number..<today.number).map(LedgerDay.init(number:))
            .filter { day in held.contains { $0.contains(day) } }
    }

    /// Rows that belong before the first seal: there were none, and only unchecked ones may come.
    private func early(before first: LedgerDay, _ report: inout SealReport) async throws {
        for table in LedgerTable.allCases {
            let rows = try await reader.withSnapshot { try await reader.rows(of: table, before: first) }
            guard rows > 0 else { continue }
            report.problems.append(
                SealProblem(
                    .rows, "\(rows) rows lie before the first sealed day, \(first), when there were none",
                    table: table, expected: 0, found: rows))
        }
    }
}

// MARK: - One day

extension SealVerifier {
    private func verify(_ day: LedgerDay, _ seals: [Seal], _ report: inout SealReport) async throws {
        for seal in seals {
            let ranges = try await reader.ranges(of: seal)
            for part in SealPart.allCases where part.isIn(seal) {
                try await verify(seal, part, ranges.filter { $0.part == part }, &report)
            }
        }
        let waiting = try await reader.unsealedCalls(of: day)
        if waiting > 0 { report.waiting[day] = waiting }
    }

    private func verify(_ seal: Seal, _ part: SealPart, _ ranges: [SealRange], _ report: inout SealReport) async throws
    {
        if let problem = Self.problem(with: ranges, seal, part) { report.problems.append(problem) }
        var after: LedgerKey?
        // Together they hold every key that there is: a row that was added lies in one of them.
        for range in ranges.dropLast() {
            try await verify(seal, part, range, after: after, through: range.last, &report)
            after = range.last
        }
        try await verify(seal, part, ranges.last, after: after, through: nil, &report)
    }

    /// Whether the ranges make the seal.
    private static func problem(with ranges: [SealRange], _ seal: Seal, _ part: SealPart) -> SealProblem? {
        let isWhole = ranges.map(\.ordinal) == Array(0..<ranges.count)
        let rows = ranges.map(\.rows).reduce(0, +)
        let digest = SealDigest.of(lines: ranges.map(\.digest))
        guard !isWhole || rows != part.rows(of: seal) || digest != part.digest(of: seal) else { return nil }
        return SealProblem(
            .ranges,
            "its \(part.rawValue) rows were sealed as others than its list of ranges says: the list was changed",
            seal: seal, part: part, expected: part.rows(of: seal), found: rows)
    }

    /// - Parameter range: `nil` where there were no rows.
    private func verify(
        _ seal: Seal, _ part: SealPart, _ range: SealRange?, after: LedgerKey?, through: LedgerKey?,
        _ report: inout SealReport
    ) async throws {
        let query = RangeQuery(
            table: seal.table, day: seal.day, part: part, seal: seal.number, after: after, through: through)
        var digest = SealDigest()
        let rows = try await reader.copy(query) { digest.update($0) }
        report.rows += rows
        let found = digest.hexadecimal()
        let expected = range?.rows ?? 0
        guard rows != expected || found != range?.digest ?? SealDigest().hexadecimal() else { return }
        let place = range.map { "those from \($0.first) to \($0.last)" } ?? "none"
        report.problems.append(
            SealProblem(
                .rows,
                "its \(part.rawValue) rows differ: \(expected) were sealed, \(place); \(rows) are there"
                    + (rows == expected ? ", and at least one of them is another" : ""),
                seal: seal, part: part, range: range, expected: expected, found: rows))
    }
}

extension SealPart {
    /// Whether a seal can have such rows.
    func isIn(_ seal: Seal) -> Bool {
        switch self {
        case .ordered: seal.amendment == 0
        case .late: seal.table == .calls
        }
    }

    func rows(of seal: Seal) -> Int { self == .ordered ? seal.rows : seal.lateRows }
    func digest(of seal: Seal) -> String { self == .ordered ? seal.digest : seal.lateDigest }
}
