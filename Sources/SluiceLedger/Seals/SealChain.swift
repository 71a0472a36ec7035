/// The seals of a ledger in the order of their numbers.
public struct SealChain: Sendable {
    /// The only format there is.
    private static let format = 1

    public let seals: [Seal]

    public init(_ seals: [Seal]) { self.seals = seals }

    /// What to keep outside the database.
    public var head: String? { seals.last?.chain }

    /// The last day whose tables are all sealed; days before it are.
    public var newestDay: LedgerDay? {
        LedgerTable.allCases.map { table in bases(table).last?.day }.reduce(LedgerDay?.some(LedgerDay(number: .max))) {
            if let left = $0, let right = $1 { min(left, right) } else { nil }
        }
    }

    /// The first day that was sealed.
    public var firstDay: LedgerDay? { LedgerTable.allCases.compactMap { bases($0).first?.day }.min() }

    /// Everything that is wrong with the chain by itself, whatever the rows are.
    ///
    /// - Parameter head: a value of ``Seal/chain`` that was kept elsewhere, in hexadecimal.
    public func problems(head: String?) -> [SealProblem] {
        links + LedgerTable.allCases.flatMap(gaps) + (head.map(missing) ?? [])
    }

    /// Seals that have other numbers of unchecked calls than are listed for them.
    ///
    /// - Parameter listed: how many are listed, by the number of the seal.
    func problems(listed: [Int: Int]) -> [SealProblem] {
        let numbers = Set(seals.map(\.number))
        let strays = listed.filter { !numbers.contains($0.key) }.sorted { $0.key < $1.key }
        return seals.compactMap { seal in
            let found = listed[seal.number] ?? 0
            guard found != seal.lateRows else { return nil }
            return SealProblem(
                .ranges,
                "it has \(seal.lateRows) unchecked calls, and \(found) are listed for it: the list was changed",
                seal: seal, part: .late, expected: seal.lateRows, found: found)
        }
            + strays.map { number, found in
                SealProblem(
                    .ranges,
                    "\(found) unchecked calls are listed for seal \(number), which there is not: the list was changed",
                    table: .calls, part: .late, expected: 0, found: found)
            }
    }

    private var links: [SealProblem] {
        var problems: [SealProblem] = []
        var previous = SealDigest.zeros
        for (index, seal) in seals.enumerated() {
            if seal.number != index + 1 {
                problems.append(SealProblem(.chain, "it stands where seal \(index + 1) belongs", seal: seal))
            }
            if seal.previous != previous {
                problems.append(SealProblem(.chain, "it does not follow from the seal before it", seal: seal))
            }
            if seal.chain != SealDigest.of(lines: [seal.line]) {
                problems.append(SealProblem(.chain, "it was changed: its chain is not its SHA-256", seal: seal))
            }
            if seal.format != Self.format {
                problems.append(
                    SealProblem(.chain, "its format \(seal.format) is not known to this program", seal: seal))
            }
            previous = seal.chain
        }
        return problems
    }

    private func bases(_ table: LedgerTable) -> [Seal] { seals.filter { $0.table == table && $0.amendment == 0 } }

    /// Days and amendments that the order of numbers lacks.
    private func gaps(_ table: LedgerTable) -> [SealProblem] {
        let bases = bases(table)
        var problems = zip(bases, bases.dropFirst()).compactMap { earlier, later in
            later.day == earlier.day.next
                ? nil
                : SealProblem(
                    .gap, "the seal of this day should come after that of \(earlier.day), not \(later.day)",
                    table: table, day: earlier.day.next)
        }
        if let first = firstDay, let last = seals.filter({ $0.amendment == 0 }).map(\.day).max() {
            if bases.first?.day != first {
                problems.append(SealProblem(.gap, "the seal of this day is missing", table: table, day: first))
            }
            if bases.last?.day != last {
                problems.append(SealProblem(.gap, "the seal of this day is missing", table: table, day: last))
            }
        }
        for (day, seals) in Dictionary(grouping: seals.filter { $0.table == table }, by: \.day).sorted(by: {
            $0.key < $1.key
        }) {
            let amendments = seals.map(\.amendment).filter { $0 > 0 }
            if amendments != Array(1..<amendments.count + 1) {
                problems.append(
                    SealProblem(.gap, "its amendments are \(amendments), not 1, 2, …", table: table, day: day))
            }
        }
        return problems
    }

    private func missing(head: String) -> [SealProblem] {
        seals.contains { $0.chain == head }
            ? []
            : [SealProblem(.head, "the chain does not hold \(head): seals were removed, or replaced from there on")]
    }
}
