import Synchronization

/// Refusals alike that one task counted one after the other: a user who goes on asking takes no part in the table's lock.
final class RefusalRun: Sendable {
    private struct State {
        var key: RefusalTally.Key?
        var count: Int64 = 0
    }

    private let state = Mutex(State())

    /// Counts one. A run of others goes to the table before.
    func add(_ key: RefusalTally.Key, to tally: borrowing Mutex<RefusalTally>) {
        state.withLock { state in
            if state.key != key {
                Self.end(&state, in: tally)
                state.key = key
            }
            state.count += 1
        }
    }

    /// Puts what was counted into the table.
    func end(in tally: borrowing Mutex<RefusalTally>) {
        state.withLock { Self.end(&$0, in: tally) }
    }

    // The table's lock is taken within the run's, so that what leaves the one is in the other for whoever looks.
    private static func end(_ state: inout State, in tally: borrowing Mutex<RefusalTally>) {
        guard let key = state.key, state.count > 0 else { return }
        tally.withLock { [count = state.count] in $0.add(count, of: key) }
        state.count = 0
    }
}
