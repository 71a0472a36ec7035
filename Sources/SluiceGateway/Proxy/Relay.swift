import Synchronization

/// Hands elements from one task to another, one at a time: who gives waits until the element is taken.
///
/// For one giver and one taker. Either may go first; nobody waits for the one who has.
final class Relay<Element: Sendable>: Sendable {
    enum Step: Sendable {
        case element(Element)
        /// The giver has ended, with what went wrong.
        case ended(ProxyFailure?)
        /// The taker had left.
        case left
    }

    fileprivate enum State: Sendable {
        /// Nobody waits. → offered, waiting, ended, left.
        case idle
        /// → idle, left.
        case offered(Element, CheckedContinuation<Bool, Never>)
        /// → idle, ended, left.
        case waiting(CheckedContinuation<Step, Never>)
        case ended(ProxyFailure?)
        case left
    }

    fileprivate struct Shared {
        var state = State.idle
        /// The giver's task was cancelled.
        var isCancelled = false
        var onLeave: (@Sendable () -> Void)?
    }

    private let shared = Mutex(Shared())

    var hasLeft: Bool {
        shared.withLock { if case .left = $0.state { true } else { false } }
    }

    // MARK: - The giver

    /// - Returns: whether the element was taken; `false` when the taker has left or this task was cancelled.
    func offer(_ element: Element) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { giver in
                let action = shared.withLock { $0.offered(element, by: giver) }
                action()
            }
        } onCancel: {
            let action = shared.withLock { $0.giverCancelled() }
            action()
        }
    }

    /// The last that the giver does. Does nothing when the taker has left.
    func end(_ failure: ProxyFailure?) {
        let action = shared.withLock { $0.giverEnded(failure) }
        action()
    }

    /// Calls `action` when the taker leaves before the giver's end, or now if it has.
    func whenLeft(_ action: @escaping @Sendable () -> Void) {
        let hasLeft = shared.withLock { shared in
            if case .left = shared.state { return true }
            shared.onLeave = action
            return false
        }
        if hasLeft { action() }
    }

    // MARK: - The taker

    /// The next element, in time. Cancelling the task is leaving.
    func next() async -> Step {
        await withTaskCancellationHandler {
            await withCheckedContinuation { taker in
                let action = shared.withLock { $0.asked(by: taker) }
                action()
            }
        } onCancel: {
            leave()
        }
    }

    /// Does nothing after the end.
    func leave() {
        let action = shared.withLock { $0.takerLeft() }
        action()
    }
}

extension Relay.Shared {
    /// What is to be done once the lock is released.
    typealias Action = @Sendable () -> Void

    fileprivate mutating func offered(_ element: Element, by giver: CheckedContinuation<Bool, Never>) -> Action {
        switch state {
        case .idle where !isCancelled:
            state = .offered(element, giver)
            return {}
        case .waiting(let taker) where !isCancelled:
            state = .idle
            return {
                taker.resume(returning: .element(element))
                giver.resume(returning: true)
            }
        case .idle, .waiting, .offered, .ended, .left:
            return { giver.resume(returning: false) }
        }
    }

    fileprivate mutating func giverCancelled() -> Action {
        isCancelled = true
        guard case .offered(_, let giver) = state else { return {} }
        state = .idle
        return { giver.resume(returning: false) }
    }

    fileprivate mutating func giverEnded(_ failure: ProxyFailure?) -> Action {
        switch state {
        case .idle, .offered:
            state = .ended(failure)
            return {}
        case .waiting(let taker):
            state = .ended(failure)
            return { taker.resume(returning: .ended(failure)) }
        case .ended, .left:
            return {}
        }
    }

    fileprivate mutating func asked(by taker: CheckedContinuation<Relay.Step, Never>) -> Action {
        switch state {
        case .idle:
            state = .waiting(taker)
            return {}
        case .offered(let element, let giver):
            state = .idle
            return {
                giver.resume(returning: true)
                taker.resume(returning: .element(element))
            }
        case .ended(let failure):
            return { taker.resume(returning: .ended(failure)) }
        case .waiting, .left:
            // A second taker at the same time is refused like one that has left.
            return { taker.resume(returning: .left) }
        }
    }

    fileprivate mutating func takerLeft() -> Action {
        let previous = state
        if case .ended = previous { return {} }
        state = .left
        let onLeave = self.onLeave.take()
        return {
            switch previous {
            case .offered(_, let giver): giver.resume(returning: false)
            case .waiting(let taker): taker.resume(returning: .left)
            case .idle, .ended, .left: break
            }
            onLeave?()
        }
    }
}
