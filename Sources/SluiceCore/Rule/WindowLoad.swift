/// What rows weigh inside one window, and the oldest of them.
struct WindowLoad: Hashable, Sendable {
    var used: Int64 = 0
    var oldest: Timestamp?

    mutating func count(_ row: LedgerRow) {
        used += row.weight
        oldest = min(oldest ?? row.admittedAt, row.admittedAt)
    }

    func state(of window: Window) -> WindowState {
        WindowState(window: window, used: used, resetAt: oldest?.advanced(by: window.length))
    }
}
