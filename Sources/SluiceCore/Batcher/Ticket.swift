import Synchronization

/// A caller that waits for the answer to one call. Whoever answers first is heard: the batch, the deadline, or the caller itself
/// by going away.
///
/// Unchecked: one thread alone wins the step to `answered`, and only it touches the continuation and the answer until it resumes the
/// caller, who reads the answer after that. The same step guards the continuation, which therefore is resumed once; a checked one would
/// cost an allocation per call for knowing that.
final class Ticket: @unchecked Sendable {
    typealias Answer = Result<Decision, StoreError>

    private enum State: UInt8, AtomicRepresentable {
        /// Nobody waits yet. → waiting, or answered when the caller went away before.
        case fresh
        /// → answered.
        case waiting
        case answered
    }

    private let state = Atomic(State.fresh)
    private var continuation: UnsafeContinuation<Void, Never>?
    private var decided: Answer?

    /// Whether an answer came, or the caller went away.
    var isKept: Bool { state.load(ordering: .acquiring) == .answered }

    /// The answer; `nil` when the caller went away. Called once.
    ///
    /// - Parameter ask: asks for the answer; not called for a caller who went away before.
    nonisolated(nonsending) func answer(_ ask: () -> Void) async -> Answer? {
        await withUnsafeContinuation { continuation in
            self.continuation = continuation
            guard step(from: .fresh, to: .waiting) else { return continuation.resume() }
            ask()
        }
        return decided
    }

    /// Does nothing if the caller was answered already. Not called before there is somebody to be answered.
    func keep(_ answer: Answer) {
        take(answer)?.resume()
    }

    /// As ``keep(_:)``, but leaves it to whoever asked to resume the caller, which must be done.
    ///
    /// For answering many: a caller that is resumed wakes a thread, which for a moment may take the place of the one that answers.
    ///
    /// - Returns: `nil` if the caller was answered already.
    func take(_ answer: Answer) -> UnsafeContinuation<Void, Never>? {
        guard step(from: .waiting, to: .answered) else { return nil }
        decided = answer
        return continuation.take()
    }

    /// The caller went away.
    func cancel() {
        guard !step(from: .fresh, to: .answered), step(from: .waiting, to: .answered) else { return }
        continuation.take()?.resume()
    }

    private func step(from old: State, to new: State) -> Bool {
        state.compareExchange(expected: old, desired: new, ordering: .acquiringAndReleasing).exchanged
    }
}
