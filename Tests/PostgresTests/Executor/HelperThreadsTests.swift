import Synchronization
import Testing

@testable import Postgres

struct HelperThreadsTests {
    @Test func allWorkIsDoneByFewThreads() async {
        let helpers = HelperThreads(limit: 3)
        let running = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        let done = AsyncStream<Int>.makeStream()
        for number in 0..<500 {
            helpers.run {
                most.max(running.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
                running.subtract(1, ordering: .relaxed)
                done.continuation.yield(number)
            }
        }
        var numbers: Set<Int> = []
        for await number in done.stream {
            numbers.insert(number)
            if numbers.count == 500 { break }
        }
        #expect(most.load(ordering: .relaxed) <= 3)
    }

    @Test func aTicketIsEitherRevokedOrDelivered() {
        let revoked = CancelTicket()
        #expect(revoked.revoke())
        #expect(!revoked.beginDelivery())
        let delivered = CancelTicket()
        #expect(delivered.beginDelivery())
        #expect(!delivered.revoke())
    }

    @Test func onlyTheFirstOfferCounts() async {
        let once = Once<Int>()
        #expect(once.offer(1))
        #expect(!once.offer(2))
        #expect(await once.value() == 1)
        #expect(!once.offer(3))
        let later = Once<Int>()
        async let value = later.value()
        later.offer(7)
        #expect(await value == 7)
    }
}
