import Synchronization

/// The refusal that a task was given last, so that a user who goes on asking is refused without a lock or a count of references
/// that another processor has in its cache.
final class RecentRefusal: Sendable {
    // A class: what is read under the lock is counted once, and by whoever holds the lock.
    private final class Copy: Sendable {
        let held: HeldRefusal
        // The same as in the refusal, but counted by themselves.
        let policy: Policy
        let windows: [WindowState]

        init(_ held: HeldRefusal) {
            self.held = held
            policy = Policy(apart: held.refusal.policy)
            windows = held.refusal.windows.map { $0 }
        }
    }

    private struct State {
        var user: UserID?
        var copy: Copy?
    }

    private let state = Mutex(State())

    /// The refusal that a call without an id of its caller's would get, if that is the one that is here.
    func refusal(
        of user: UserID, weight: Int64, under policy: Policy, at now: () -> ContinuousClock.Instant
    ) -> Refusal? {
        state.withLock { state in
            guard state.user == user, let copy = state.copy else { return nil }
            let now = now()
            guard copy.held.holds(for: weight, at: now), copy.held.refusal.policy == policy else { return nil }
            return copy.held.refusal(at: now, policy: copy.policy, windows: copy.windows)
        }
    }

    /// A user was given a refusal. It is kept from the second time on: most are given one only now and then.
    func note(_ held: HeldRefusal, of user: UserID) {
        state.withLock { state in
            guard state.user == user else {
                state = State(user: user, copy: nil)
                return
            }
            if state.copy?.held !== held { state.copy = Copy(held) }
        }
    }
}

extension Policy {
    /// The same in memory of its own.
    fileprivate init(apart other: Policy) {
        id = other.id
        name = String(decoding: Array(other.name.utf8), as: UTF8.self)
        windows = other.windows.map { $0 }
        onOutage = other.onOutage
    }
}
