import Synchronization

/// A value that one waits for and that several may give: whoever gives it first is heard.
final class Promise<Value: Sendable>: Sendable {
    private enum State {
        /// → waiting or kept.
        case fresh
        /// → kept.
        case waiting(CheckedContinuation<Value, Never>)
        case kept(Value)
    }

    private let state = Mutex(State.fresh)

    var isKept: Bool {
        state.withLock { if case .kept = $0 { true } else { false } }
    }

    /// Resumes `continuation` with the value, now or when there is one. Called once.
    func wait(_ continuation: CheckedContinuation<Value, Never>) {
        let early = state.withLock { state -> Value? in
            if case .kept(let value) = state { return value }
            state = .waiting(continuation)
            return nil
        }
        if let early { continuation.resume(returning: early) }
    }

    /// Does nothing if there is a value already.
    func keep(_ value: Value) {
        let continuation = state.withLock { state -> CheckedContinuation<Value, Never>? in
            defer { if case .kept = state {} else { state = .kept(value) } }
            guard case .waiting(let continuation) = state else { return nil }
            return continuation
        }
        continuation?.resume(returning: value)
    }
}
