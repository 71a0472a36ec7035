/// How far a database has been filled.
public struct FillProgress: Sendable, Equatable {
    /// The day under way, and how many are done.
    public internal(set) var day: LedgerDay
    public internal(set) var daysDone = 0
    /// Calls so far, and those of the whole plan.
    public internal(set) var calls = 0
    public let plannedCalls: Int
    /// Calls, settlements and refusals so far.
    public internal(set) var rows = 0
    /// Since the first row.
    public internal(set) var elapsed = Duration.zero

    /// Nothing yet.
    public init(_ plan: FillPlan) {
        day = plan.firstDay
        plannedCalls = plan.calls
    }

    /// 0 before anything can be said.
    public var rowsPerSecond: Double { elapsed > .zero ? Double(rows) / (elapsed / .seconds(1)) : 0 }

    /// At the pace so far; `nil` before anything can be said.
    public var timeLeft: Duration? {
        calls > 0 ? elapsed * (Double(plannedCalls - calls) / Double(calls)) : nil
    }
}
