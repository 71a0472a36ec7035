import SluiceTesting
import Testing

@testable import SluiceCore

@Suite("SettlementQueue")
struct SettlementQueueTests {
    private typealias Queue = SettlementQueue<Int>
    private let start = ContinuousClock.now

    private func entry(_ token: Int, _ user: UserID = .fresh()) throws -> Queue.Entry {
        Queue.Entry(settlement: try .test(user), deadline: start + .seconds(token), token: token)
    }

    /// Under random steps nothing is lost or goes twice at once, no user is in two batches, and order stays.
    @Test("nothing is lost", arguments: 0..<30 as Range<UInt64>)
    func random(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var queue = Queue(maximumBatch: 5, concurrency: 2)
        let users = (0..<6).map { _ in UserID.fresh() }
        var flights: [[Queue.Entry]] = []
        var (sent, answered) = (0, Set<Int>())
        for _ in 0..<400 {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0:
                #expect(queue.arrived(try entry(sent, users.pick(&generator))))
                sent += 1
            case 1:
                guard let batch = queue.nextBatch(isAnswered: { _ in false }) else { continue }
                flights.append(batch)
                let held = flights.map { Set($0.map(\.settlement.user)) }
                #expect(flights.count <= 2 && batch.count <= 5)
                #expect(held.count < 2 || held[0].isDisjoint(with: held[1]))
            case 2: finish(&flights, &queue, &answered, &generator)
            default: continue
            }
        }
        queue.drain()
        #expect(!queue.arrived(try entry(sent)))
        while !queue.isDone {
            if let batch = queue.nextBatch(isAnswered: { _ in false }) { flights.append(batch) }
            finish(&flights, &queue, &answered, &generator)
        }
        #expect(answered == Set(0..<sent))
    }

    private func finish(
        _ flights: inout [[Queue.Entry]], _ queue: inout Queue, _ answered: inout Set<Int>,
        _ generator: inout SeededGenerator
    ) {
        guard !flights.isEmpty else { return }
        let batch = flights.removeFirst()
        let busy = batch.filter { _ in Int.random(in: 0..<4, using: &generator) == 0 }
        queue.returned(batch)
        queue.ended(batch.count - busy.count)
        queue.again(busy)
        let tokens = Set(batch.map(\.token)).subtracting(busy.map(\.token))
        #expect(answered.isDisjoint(with: tokens))
        answered.formUnion(tokens)
    }

    @Test("what is over is told once and does not go")
    func expiry() throws {
        var queue = Queue(maximumBatch: 5, concurrency: 1)
        for token in 1...4 { #expect(queue.arrived(try entry(token))) }
        #expect(queue.nextDeadline == start + .seconds(1))
        #expect(queue.expire(at: start + .seconds(2), isAnswered: { $0 == 3 }) == [1, 2])
        #expect(queue.waitingCount == 1)
        #expect(queue.nextBatch(isAnswered: { $0 == 3 })?.map(\.token) == [4])
        #expect(queue.close() == [4])
        #expect(queue.isDone)
    }
}
