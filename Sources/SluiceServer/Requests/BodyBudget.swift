import Synchronization

/// How many bytes the large bodies of all requests may have together: who is let in may not fill the memory by sending many at once.
///
/// The beginning of every body is free, so that who uses the budget up keeps no ordinary call out.
final class BodyBudget: Sendable {
    static let free = 256 * 1_024

    private let limit: Int
    private let claimed = Mutex(0)

    init(limit: Int) {
        self.limit = limit
    }

    fileprivate func claim(_ bytes: Int) -> Bool {
        claimed.withLock { claimed in
            guard bytes <= limit - claimed else { return false }
            claimed += bytes
            return true
        }
    }

    fileprivate func release(_ bytes: Int) {
        claimed.withLock { $0 -= bytes }
    }
}

/// What one request has of a ``BodyBudget``, until it is dropped.
final class BodyClaim: Sendable {
    private let budget: BodyBudget
    private let claimed = Mutex(0)

    init(_ budget: BodyBudget) {
        self.budget = budget
    }

    deinit { budget.release(claimed.withLock { $0 }) }

    /// Whether the body may grow to `size` bytes.
    func covers(_ size: Int) -> Bool {
        guard size > BodyBudget.free else { return true }
        return claimed.withLock { claimed in
            let missing = size - BodyBudget.free - claimed
            guard missing > 0 else { return true }
            guard budget.claim(missing) else { return false }
            claimed += missing
            return true
        }
    }
}
