import Synchronization

/// A caller that waits for the answer to one call. Whoever answers first is heard: the batch, the deadline, or the caller itself
/// by going away.
final class Ticket: Sendable {
    enum Answer: Sendable {
        case decided(Result<Decision, StoreError>)
        case cancelled
    }

    private enum State {
        /// → waiting or answered.
        case fresh
        /// → answered.
        case waiting(CheckedContinuation<Answer, Never>)
        case answered(Answer)
    }

    private let state = Mutex(State.fresh)

    var isAnswered: Bool {
        state.withLock { if case .answered = $0 { true } else { false } }
    }

    /// Resumes `continuation` with the answer, now or when there is one. Called once.
    func wait(_ continuation: CheckedContinuation<Answer, Never>) {
        let early = state.withLock { state -> Answer? in
            if case .answered(let answer) = state { return answer }
            state = .waiting(continuation)
            return nil
        }
        if let early { continuation.resume(returning: early) }
    }

    /// Does nothing if there is an answer already.
    func answer(_ answer: Answer) {
        let continuation = state.withLock { state -> CheckedContinuation<Answer, Never>? in
            switch state {
            case .answered: return nil
            case .fresh:
                state = .answered(answer)
                return nil
            case .waiting(let continuation):
                state = .answered(.cancelled)
                return continuation
            }
        }
        continuation?.resume(returning: answer)
    }
}
