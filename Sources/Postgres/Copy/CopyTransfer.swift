import Synchronization

/// Hands what happens during one `COPY` from its connection to the one caller, a step at a time: the connection goes on only
/// when it is asked to.
final class CopyTransfer: Sendable {
    typealias Waiter = CheckedContinuation<Event, Never>

    enum Event: Sendable {
        /// The server is ready for data, or to send some; the data given last has left.
        case proceed
        /// Whole rows.
        case data([UInt8])
        /// For good.
        case ended(ConnectionRequest.Outcome)
    }

    private enum State {
        /// The caller is at work, or has not begun.
        case idle
        case asked(Waiter)
        case ended(ConnectionRequest.Outcome)
    }

    /// Rows are handed on in pieces of about so many bytes.
    static let batchSize = 65_536

    let direction: CopyDirection
    private let state = Mutex(State.idle)

    init(_ direction: CopyDirection) {
        self.direction = direction
    }

    /// The caller waits for the next event.
    var isAsked: Bool { state.withLock { if case .asked = $0 { true } else { false } } }

    /// Waits for the next event, after a call that makes it come. One caller, one event at a time.
    nonisolated(nonsending) func next(after ask: () -> Void) async -> Event {
        await withCheckedContinuation { waiter in
            let ended = state.withLock { state -> ConnectionRequest.Outcome? in
                if case .ended(let outcome) = state { return outcome }
                state = .asked(waiter)
                return nil
            }
            if let ended { return waiter.resume(returning: .ended(ended)) }
            ask()
        }
    }

    /// The end is kept until it is asked for; anything else comes only to a caller who waits.
    func offer(_ event: Event) {
        let waiter = state.withLock { state -> Waiter? in
            var waiter: Waiter?
            if case .asked(let found) = state { waiter = found }
            switch event {
            case .ended(let outcome): state = .ended(outcome)
            case .proceed, .data: if waiter != nil { state = .idle }
            }
            return waiter
        }
        waiter?.resume(returning: event)
    }
}
