import Synchronization

/// One request to stop a statement, between the connection that asks and the thread that delivers it.
final class CancelTicket: Sendable {
    private enum State {
        case armed, delivering, revoked
    }

    private let state = Mutex(State.armed)

    /// Takes it back; false when it is already on its way.
    func revoke() -> Bool {
        state.withLock { state in
            if state == .armed { state = .revoked }
            return state == .revoked
        }
    }

    /// Marks it as on its way; false when it was taken back.
    func beginDelivery() -> Bool {
        state.withLock { state in
            if state == .armed { state = .delivering }
            return state == .delivering
        }
    }
}
