import Synchronization
import Testing

@testable import SluiceGateway

@Suite(.timeLimit(.minutes(10)))
struct RelayTests {
    @Test func elementsArriveInOrderAndThenTheEnd() async {
        let relay = Relay<Int>()
        async let given = {
            var isTaken = true
            for number in 0..<1_000 { isTaken = await relay.offer(number) && isTaken }
            relay.end(nil)
            return isTaken
        }()
        var received: [Int] = []
        while case .element(let number) = await relay.next() { received.append(number) }
        #expect(received == Array(0..<1_000))
        #expect(await given)
        guard case .ended(nil) = await relay.next() else { Issue.record("not ended"); return }
        relay.leave()
        #expect(!relay.hasLeft)
    }

    @Test func whoLeavesIsNotWaitedFor() async {
        let relay = Relay<Int>()
        let isTold = Atomic(0)
        relay.whenLeft { isTold.add(1, ordering: .relaxed) }
        async let isTaken = relay.offer(1)
        relay.leave()
        relay.leave()
        #expect(await !isTaken)
        #expect(await !relay.offer(2))
        relay.end(nil)
        #expect(relay.hasLeft)
        relay.whenLeft { isTold.add(1, ordering: .relaxed) }
        #expect(isTold.load(ordering: .relaxed) == 2)
    }

    @Test func aCancelledGiverDoesNotWait() async {
        let relay = Relay<Int>()
        let isTaken = await withTaskGroup { group in
            group.addTask { await relay.offer(1) }
            group.cancelAll()
            return await group.next()
        }
        #expect(isTaken == false)
        relay.end(.timedOut)
        guard case .ended(.timedOut) = await relay.next() else { Issue.record("not ended"); return }
    }

    @Test func aCancelledTakerHasLeft() async {
        let relay = Relay<Int>()
        await withTaskGroup { group in
            group.addTask { _ = await relay.next() }
            group.cancelAll()
        }
        #expect(relay.hasLeft)
        #expect(await !relay.offer(1))
    }
}
