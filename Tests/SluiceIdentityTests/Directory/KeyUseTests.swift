import SluiceCore
import Synchronization
import Testing

@testable import SluiceIdentity

@Suite("Last use of keys", .timeLimit(.minutes(10)))
struct KeyUseTests {
    private let clock = TestClock()
    private let store = ScriptedKeyStore()

    private func known(_ count: Int, _ directory: KeyDirectory) async -> [APIKey] {
        var keys: [APIKey] = []
        for _ in 0..<count {
            let secret = APIKeySecret()
            keys.append(.test(secret))
            store.set(keys[keys.count - 1], for: secret)
            _ = await directory.authenticate(secret)
        }
        return keys
    }

    private func directory(
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) -> KeyDirectory {
        KeyDirectory(
            store, settings: .init(deadline: .seconds(600)), now: { clock.now }, uptime: { clock.uptime }, sleep: sleep)
    }

    @Test("uses are written together, in portions, and once")
    func flush() async {
        let directory = directory()
        let keys = await known(1_500, directory)
        #expect(store.writes == 0)
        await directory.flushUses()
        #expect(store.writes == 2)
        #expect(store.uses == Dictionary(uniqueKeysWithValues: keys.map { ($0.id, clock.now) }))
        await directory.flushUses()
        #expect(store.writes == 2)
    }

    @Test("what a failing store does not take is written later")
    func failing() async {
        let directory = directory()
        let keys = await known(1_500, directory)
        store.fail(StoreError(.unavailable, "scripted"))
        await directory.flushUses()
        #expect(store.uses.isEmpty)
        store.fail(nil)
        await directory.flushUses()
        #expect(store.uses.count == keys.count)
    }

    @Test("they are written every half minute, and at the end")
    func running() async {
        let (asleep, wake) = (Gate(), Gate())
        let naps = Mutex<[Duration]>([])
        let directory = directory { duration in
            let isFirst = naps.withLock { naps in
                naps.append(duration)
                return naps.count == 1
            }
            guard isFirst else {
                await asleep.pass()
                throw CancellationError()
            }
            await wake.pass()
        }
        let early = await known(1, directory)
        let running = Task { await directory.run() }
        wake.open()
        await asleep.arrivals(1)
        #expect(store.uses.keys.map { $0 } == early.map(\.id))
        let late = await known(1, directory)
        running.cancel()
        asleep.open()
        await running.value
        #expect(Set(store.uses.keys) == Set((early + late).map(\.id)))
        // Nothing was put back: the last writing was answered, though the task had been cancelled.
        #expect(directory.uses.withLock { $0.take(portion: 1) }.isEmpty)
        #expect(naps.withLock { $0 } == [.seconds(30), .seconds(30)])
    }

    @Test("notes are bounded and never move back")
    func bounded() {
        var uses = KeyUses(maximum: 3)
        let ids = (0..<5).map { _ in KeyID(bits: .random) }
        for id in ids { uses.note(id, at: Timestamp(microseconds: 5)) }
        uses.note(ids[0], at: Timestamp(microseconds: 3))
        let portions = uses.take(portion: 2)
        #expect(portions.map(\.count) == [2, 1])
        #expect(portions.allSatisfy { $0.values.allSatisfy { $0 == Timestamp(microseconds: 5) } })
        #expect(uses.take(portion: 2).isEmpty)
    }
}
