/// Keeps count of what was made, and tells whoever wants to know.
final class FillState {
    private(set) var progress: FillProgress
    private let start = ContinuousClock.now
    private let report: (FillProgress) -> Void
    /// Of the days before this one.
    private var calls = 0
    private var rows = 0

    init(_ plan: FillPlan, _ report: @escaping (FillProgress) -> Void) {
        progress = FillProgress(plan)
        self.report = report
    }

    func begin(_ day: LedgerDay, done: Int) {
        (calls, rows) = (progress.calls, progress.rows)
        (progress.day, progress.daysDone) = (day, done)
    }

    func note(_ generator: FillGenerator) {
        progress.calls = calls + generator.callRows.rows
        progress.rows = rows + generator.callRows.rows + generator.settlementRows.rows + generator.refusalRows.rows
        tell()
    }

    func end(done: Int) {
        progress.daysDone = done
        tell()
    }

    private func tell() {
        progress.elapsed = .now - start
        report(progress)
    }
}
