import SluiceTesting
import Testing

@testable import SluiceCore

/// A worker is parked, and a call waits behind a batch that hangs.
@Suite("BatcherState")
struct BatcherStateTests {
    typealias State = BatcherState

    private let start = ContinuousClock.now
    private let patience = Duration.milliseconds(20)
    private let timeout = Duration.seconds(1)

    private func state(_ phase: State.Phase) throws -> State {
        let policy = try Policy.test((1, .seconds(1)))
        var state = State(machine: .init(maximumBatch: 256, concurrency: 2, patience: patience))
        for _ in 0..<2 {
            let entry = State.Machine.Entry(
                call: try .test(), policy: policy, deadline: start + timeout, token: Ticket())
            state.machine.arrived(entry)
            _ = state.machine.nextBatch(at: start)
        }
        #expect(state.machine.waiting == 1)
        state.phase = phase
        return state
    }

    /// What the worker is told that asks for a batch, and then by the time.
    private func told(
        _ state: inout State, after time: Duration
    ) async -> (atOnce: State.Machine.Batch??, inTime: [State.Machine.Batch?]) {
        var (atOnce, inTime): (State.Machine.Batch??, [State.Machine.Batch?]) = (nil, [])
        _ = await withCheckedContinuation { worker in
            atOnce = state.nextBatch(for: worker, at: start)
            let tick = state.tick(at: start + time, timeout: timeout)
            inTime = tick.assignments.map(\.batch)
            // Told or not, it must not stay here.
            worker.resume(returning: nil)
        }
        return (atOnce, inTime)
    }

    @Test("time alone gives the call to a parked worker", arguments: [State.Phase.open, .draining])
    func hanging(_ phase: State.Phase) async throws {
        var state = try state(phase)
        let told = await told(&state, after: patience)
        #expect(told.atOnce == nil, "parked, whatever the phase: a call waits")
        #expect(told.inTime.map { $0?.entries.count } == [1])
    }

    @Test("before that time it stays parked, and the time is looked at again")
    func patient() async throws {
        var state = try state(.open)
        let told = await told(&state, after: patience - .nanoseconds(1))
        #expect(told.inTime.isEmpty)
        #expect(state.tick(at: start, timeout: timeout).next == start + patience)
    }

    @Test("when nothing waits any more, a shutdown sends parked workers home, and those who ask")
    func drained() async throws {
        var state = try state(.draining)
        _ = await withCheckedContinuation { parked in
            _ = state.nextBatch(for: parked, at: start)
            #expect(state.machine.nextBatch(at: start + patience) != nil)
            #expect(state.assignments(at: start).map { $0.batch == nil } == [true])
            parked.resume(returning: nil)
        }
        let told = await told(&state, after: .zero)
        #expect(told.atOnce.map { $0 == nil } == true)
    }
}
