import NIOCore

/// Until when something is waited for, with a timer that is set anew as rarely as possible. Pure.
struct DeadlineMachine {
    enum Fired: Equatable {
        case expired
        /// It was waited on since: the timer is to be set again.
        case rearm(at: NIODeadline)
        case none
    }

    /// The end of all waiting.
    private(set) var limit: NIODeadline
    private var patience: NIODeadline?
    private var armed: NIODeadline?
    private(set) var hasExpired = false
    private var isOver = false

    private var due: NIODeadline { min(limit, patience ?? limit) }

    init(limit: NIODeadline) {
        self.limit = limit
    }

    /// - Parameter patience: `nil` waits until the limit.
    /// - Returns: when the timer is to fire, if it is not set early enough.
    mutating func wait(until patience: NIODeadline?) -> NIODeadline? {
        self.patience = patience
        return arm()
    }

    /// Moves the limit; a later one changes nothing.
    mutating func lower(limit: NIODeadline) -> NIODeadline? {
        self.limit = min(self.limit, limit)
        return arm()
    }

    mutating func fired(at now: NIODeadline) -> Fired {
        guard !isOver, !hasExpired else { return .none }
        if now >= due {
            hasExpired = true
            return .expired
        }
        if let armed, armed > now { return .none }
        armed = nil
        return arm().map { .rearm(at: $0) } ?? .none
    }

    mutating func end() { isOver = true }

    private mutating func arm() -> NIODeadline? {
        guard !isOver, !hasExpired, armed.map({ $0 > due }) ?? true else { return nil }
        armed = due
        return due
    }
}
