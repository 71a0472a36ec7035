import Testing

@testable import SluiceCLI

@Suite("Something that happens once")
struct OneShotTests {
    @Test("Everybody who waits is told, before and after")
    func tellsAll() async {
        let event = OneShot()
        await withTaskGroup { group in
            for _ in 0..<50 { group.addTask { await event.wait() } }
            group.addTask { event.happen() }
        }
        await event.wait()
        event.happen()
        #expect(event.hasHappened)
        #expect(await event.wait(atMost: .zero))
    }

    @Test("Cancellation ends the wait alone")
    func cancellation() async {
        let event = OneShot()
        let waiting = Task { await event.wait() }
        waiting.cancel()
        await waiting.value
        #expect(!event.hasHappened)
        #expect(await event.wait(atMost: .milliseconds(1)) == false)
    }
}
