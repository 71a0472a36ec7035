import Synchronization

/// One value for one waiter: the first to offer it wins, the others are told that they came late.
final class Once<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case waiting(CheckedContinuation<Value, Never>)
        case offered(Value)
        case done
    }

    private let state = Mutex(State.empty)

    /// False when there was a value already.
    @discardableResult
    func offer(_ value: Value) -> Bool {
        let (won, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Value, Never>?) in
            switch state {
            case .empty:
                state = .offered(value)
                return (true, nil)
            case .waiting(let waiter):
                state = .done
                return (true, waiter)
            case .offered, .done:
                return (false, nil)
            }
        }
        waiter?.resume(returning: value)
        return won
    }

    /// To be called once.
    func value() async -> Value {
        await withCheckedContinuation { continuation in
            let offered = state.withLock { state -> Value? in
                if case .offered(let value) = state {
                    state = .done
                    return value
                }
                state = .waiting(continuation)
                return nil
            }
            if let offered { continuation.resume(returning: offered) }
        }
    }
}
