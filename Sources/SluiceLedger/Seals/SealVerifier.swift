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
        let (chain, listed, known, held, today) = try await reader.withSnapshot {
            (
                try await reader.chain(), try await reader.listedCalls(), try await reader.retirements(),
                try await reader.heldDays(), try await reader.today()
            )
        }
        var retirements = known
        var report = SealReport()
        (report.seals, report.head) = (chain.seals.count, chain.head)
        report.problems = chain.problems(head: head) + chain.problems(listed: listed)
        if let first = chain.firstDay, from.map({ $0 <= first }) ?? true { try await early(before: first, &report) }
        let days = Dictionary(grouping: chain.seals, by: \.day)
        for (day, seals) in days.sorted(by: { $0.key < $1.key }) where Self.isWanted(day, from, until) {
            progress(day, report.rows)
            let checks = try await reader.withSnapshot { try await check(day, seals, &report) }
            // Retention may have taken a day since.
            if checks.contains(where: { $0.lacksAll && !$0.isTaken(by: retirements) }) {
                retirements = try await reader.withSnapshot { try await reader.retirements() }
            }
            report.add(checks, of: day, retirements)
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
        let waiting = try await reader.withSnapshot { try await reader.unsealedCalls(from: nil, until: first) }
        report.waiting.merge(waiting) { $1 }
    }
}

// MARK: - One day

extension SealVerifier {
    private func check(_ day: LedgerDay, _ seals: [Seal], _ report: inout SealReport) async throws -> [SealCheck] {
        var checks: [SealCheck] = []
        for seal in seals {
            var check = SealCheck(seal: seal)
            let ranges = try await reader.ranges(of: seal)
            for part in SealPart.allCases where part.isIn(seal) {
                try await verify(part, ranges.filter { $0.part == part }, &check)
            }
            checks.append(check)
        }
        report.waiting.merge(try await reader.unsealedCalls(from: day, until: day.next)) { $1 }
        return checks
    }

    private func verify(_ part: SealPart, _ ranges: [SealRange], _ check: inout SealCheck) async throws {
        if let problem = Self.problem(with: ranges, check.seal, part) { check.problems.append(problem) }
        var after: LedgerKey?
        // Together they hold every key that there is: a row that was added lies in one of them.
        for range in ranges.dropLast() {
            try await verify(part, range, after: after, through: range.last, &check)
            after = range.last
        }
        try await verify(part, ranges.last, after: after, through: nil, &check)
        guard part == .ordered, ranges.count > 1 else { return }
        let keyless = try await reader.keylessRows(of: check.seal)
        guard keyless > 0 else { return }
        check.rows += keyless
        check.problems.append(
            SealProblem(
                .rows, "\(keyless) rows are there whose key has a null", seal: check.seal, part: part, expected: 0,
                found: keyless))
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
        _ part: SealPart, _ range: SealRange?, after: LedgerKey?, through: LedgerKey?, _ check: inout SealCheck
    ) async throws {
        let seal = check.seal
        let query = RangeQuery(
            table: seal.table, day: seal.day, part: part, seal: seal.number, after: after, through: through)
        var digest = SealDigest()
        var ends = RowEnds()
        let rows = try await reader.copy(query) {
            digest.update($0)
            ends.update($0)
        }
        check.rows += rows
        let found = digest.hexadecimal()
        let expected = range?.rows ?? 0
        guard rows == expected, found == range?.digest ?? SealDigest().hexadecimal() else {
            let place = range.map { "those from \($0.first) to \($0.last)" } ?? "none"
            let message =
                "its \(part.rawValue) rows differ: \(expected) were sealed, \(place); \(rows) are there"
                + (rows == expected ? ", and at least one of them is another" : "")
            check.problems.append(
                SealProblem(
                    .rows, message, seal: seal, part: part, range: range, expected: expected, found: rows))
            return
        }
        guard let range, ends.first != range.first || ends.last != range.last else { return }
        check.problems.append(
            SealProblem(
                .ranges,
                "its list of ranges says from \(range.first) to \(range.last), and other rows are the first and last: "
                    + "the list was changed",
                seal: seal, part: part, range: range))
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
