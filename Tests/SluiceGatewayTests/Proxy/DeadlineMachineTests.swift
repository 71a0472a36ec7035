import NIOCore
import Testing

@testable import SluiceGateway

struct DeadlineMachineTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000)

    private func at(_ nanoseconds: Int64) -> NIODeadline { start + .nanoseconds(nanoseconds) }

    @Test func theTimerIsSetOnceWhileDeadlinesMoveOn() {
        var machine = DeadlineMachine(limit: at(1_000))
        #expect(machine.wait(until: at(100)) == at(100))
        #expect(machine.wait(until: nil) == nil)
        #expect(machine.wait(until: at(150)) == nil)
        #expect(machine.fired(at: at(100)) == .rearm(at: at(150)))
        #expect(machine.wait(until: at(120)) == at(120))
        #expect(machine.fired(at: at(120)) == .expired)
        #expect(machine.hasExpired)
        #expect(machine.fired(at: at(150)) == .none)
        #expect(machine.wait(until: at(200)) == nil)
    }

    @Test func theLimitEndsAllPatience() {
        var machine = DeadlineMachine(limit: at(1_000))
        #expect(machine.wait(until: at(5_000)) == at(1_000))
        #expect(machine.lower(limit: at(2_000)) == nil)
        #expect(machine.lower(limit: at(500)) == at(500))
        #expect(machine.fired(at: at(500)) == .expired)
    }

    @Test func nothingFiresAfterTheEnd() {
        var machine = DeadlineMachine(limit: at(1_000))
        _ = machine.wait(until: at(100))
        machine.end()
        #expect(machine.fired(at: at(2_000)) == .none)
        #expect(machine.wait(until: at(1)) == nil)
        #expect(!machine.hasExpired)
    }
}
