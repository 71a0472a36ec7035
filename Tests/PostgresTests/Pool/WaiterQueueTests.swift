import Testing

@testable import Postgres

struct WaiterQueueTests {
    private let start = ContinuousClock.now

    @Test func firstComeFirstServed() {
        var queue = WaiterQueue()
        for id in 1...5 as ClosedRange<UInt64> { queue.append(id, deadline: start + .seconds(Int(id))) }
        #expect(queue.remove(2) == true)
        #expect(queue.remove(2) == false)
        #expect(queue.popFirst() == 1)
        #expect(queue.popFirst() == 3)
        #expect(queue.earliestDeadline == start + .seconds(4))
        #expect(queue.remove { $0 <= start + .seconds(4) } == [4])
        #expect(queue.count == 1)
        #expect(queue.popFirst() == 5)
        #expect(queue.popFirst() == nil)
    }

    /// A million callers who give up must not leave a million traces while nobody is served.
    @Test func thoseWhoLeftAreForgotten() {
        var queue = WaiterQueue()
        queue.append(0, deadline: start)
        for id in 1...10_000 as ClosedRange<UInt64> {
            queue.append(id, deadline: start)
            _ = queue.remove(id)
        }
        #expect(queue.traces < 100)
        #expect(queue.popFirst() == 0)
    }
}
