import DequeModule

/// Those who wait, first come first served, any of whom may leave at any time.
struct WaiterQueue {
    typealias ID = UInt64
    typealias Instant = ContinuousClock.Instant

    /// Also holds some who have left; `deadlines` says who has not.
    private var order: Deque<ID> = []
    private var deadlines: [ID: Instant] = [:]

    var count: Int { deadlines.count }

    /// How much it remembers, those who left included.
    var traces: Int { order.count }

    /// Looks at everyone.
    var earliestDeadline: Instant? { deadlines.values.min() }

    mutating func append(_ id: ID, deadline: Instant) {
        order.append(id)
        deadlines[id] = deadline
    }

    mutating func popFirst() -> ID? {
        while let id = order.popFirst() {
            if deadlines.removeValue(forKey: id) != nil { return id }
        }
        return nil
    }

    /// False when it is not there.
    mutating func remove(_ id: ID) -> Bool {
        guard deadlines.removeValue(forKey: id) != nil else { return false }
        tidy()
        return true
    }

    /// Removes those whose deadline it is true for, and returns them in their order.
    mutating func remove(where isOver: (Instant) -> Bool) -> [ID] {
        let over = Array(order.filter { id in deadlines[id].map(isOver) ?? false })
        for id in over { deadlines[id] = nil }
        tidy()
        return over
    }

    /// Keeps those who left fewer than those who wait.
    private mutating func tidy() {
        guard order.count > 2 * deadlines.count + 16 else { return }
        order.removeAll { deadlines[$0] == nil }
    }
}
