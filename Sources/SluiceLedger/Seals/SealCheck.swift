/// What was found when one seal was compared with the ledger.
struct SealCheck {
    let seal: Seal
    /// Rows that were read.
    var rows = 0
    var problems: [SealProblem] = []

    /// Whether it has rows, and none is there.
    var lacksAll: Bool { rows == 0 && seal.rows + seal.lateRows > 0 }

    func isTaken(by retirements: [Retirement]) -> Bool { retirements.contains { $0.took(seal) } }
}

extension SealReport {
    /// Adds what was found on a day. What retention says it has taken excuses a seal only of which no row is there.
    mutating func add(_ checks: [SealCheck], of day: LedgerDay, _ retirements: [Retirement]) {
        let gone = checks.filter { $0.rows == 0 && $0.isTaken(by: retirements) }.map(\.seal)
        if !gone.isEmpty { goneDays.append(day) }
        if gone.count < checks.count { days += 1 }
        for check in checks {
            rows += check.rows
            problems += check.problems.filter { $0.kind != .rows || !gone.contains(check.seal) }
        }
    }
}
