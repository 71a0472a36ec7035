import Synchronization

/// What a replay waits for. One waits at a time; what is raised while nobody waits is kept.
final class Signal: Sendable {
    struct Reasons: OptionSet, Sendable {
        let rawValue: UInt8
        /// Look now: the ledger takes calls again.
        static let woken = Reasons(rawValue: 1)
        /// A record was written.
        static let arrived = Reasons(rawValue: 2)
        /// A segment was put on the shelf.
        static let shelved = Reasons(rawValue: 4)
    }

    private struct State {
        var raised: Reasons = []
        var wanted: Reasons = []
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func raise(_ reasons: Reasons) {
        state.withLock { state in
            state.raised.formUnion(reasons)
            return state.raised.isDisjoint(with: state.wanted) ? nil : state.waiter.take()
        }?.resume()
    }

    /// - Returns: those of `reasons` that were raised since they were last waited for; none when `timeout` or the task's
    ///   cancellation came first.
    func wait(for reasons: Reasons, timeout: Duration) async -> Reasons {
        if let raised = take(reasons) { return raised }
        await withTaskGroup { group in
            group.addTask { await self.suspend(for: reasons) }
            group.addTask { _ = try? await Task.sleep(for: timeout) }
            await group.next()
            group.cancelAll()
        }
        return take(reasons) ?? []
    }

    private func take(_ reasons: Reasons) -> Reasons? {
        state.withLock { state in
            let raised = state.raised.intersection(reasons)
            state.raised.subtract(raised)
            return raised.isEmpty ? nil : raised
        }
    }

    private func suspend(for reasons: Reasons) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    guard state.raised.isDisjoint(with: reasons), !Task.isCancelled else { return true }
                    state.wanted = reasons
                    state.waiter = continuation
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiter.take() }?.resume()
        }
    }
}
