import SluiceCore
import Synchronization

/// An idempotent ledger in memory, which can be told to misbehave.
final class FakeLedger: UncheckedLedger, SettlementLedger {
    struct State {
        var rows: [CallID: UncheckedCall] = [:]
        /// In which they came in.
        var order: [UncheckedCall] = []
        var additions: [CallID: Int] = [:]
        var settlements: [CallID: Settlement] = [:]
        /// Sizes of the batches of settlements.
        var settlementBatches: [Int] = []
        var known = 0
        var batches: [Int] = []
        var replicas: Set<String?> = []
        var poison: Set<CallID> = []
        /// How often each is busy yet.
        var busy: [CallID: Int] = [:]
        /// Taken one per batch, before the batch is looked at.
        var failures: [StoreError] = []
    }

    let state = Mutex(State())
    private let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation

    init() {
        (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var count: Int { state.withLock { $0.rows.count } }

    func record(
        _ calls: [UncheckedCall], replica: String?, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [UncheckedOutcome] {
        defer { changed.yield() }
        let answer = state.withLock { state -> Result<[UncheckedOutcome], StoreError> in
            state.batches.append(calls.count)
            state.replicas.insert(replica)
            if let failure = state.failures.popLast() { return .failure(failure) }
            if calls.contains(where: { state.poison.contains($0.call.id) }) {
                return .failure(StoreError(.rejected, "a value is out of range"))
            }
            return .success(calls.map { state.take($0) })
        }
        return try answer.get()
    }

    func settle(
        _ settlements: [Settlement], replica: String?, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [SettlementOutcome] {
        defer { changed.yield() }
        let answer = state.withLock { state -> Result<[SettlementOutcome], StoreError> in
            state.settlementBatches.append(settlements.count)
            if let failure = state.failures.popLast() { return .failure(failure) }
            if settlements.contains(where: { state.poison.contains($0.callID) }) {
                return .failure(StoreError(.rejected, "a value is out of range"))
            }
            return .success(settlements.map { state.take($0) })
        }
        return try answer.get()
    }

    /// Until the ledger is as `condition` says; called by one at a time.
    func wait(until condition: (State) -> Bool) async {
        if state.withLock({ condition($0) }) { return }
        for await _ in changes where state.withLock({ condition($0) }) { return }
    }
}

extension FakeLedger.State {
    fileprivate mutating func take(_ call: UncheckedCall) -> UncheckedOutcome {
        let id = call.call.id
        if let left = busy[id], left > 0 {
            busy[id] = left - 1
            return .busy
        }
        guard rows[id] == nil else {
            known += 1
            return .known
        }
        rows[id] = call
        order.append(call)
        additions[id, default: 0] += 1
        return .recorded
    }

    fileprivate mutating func take(_ settlement: Settlement) -> SettlementOutcome {
        let id = settlement.callID
        if settlement.admittedAt == nil, rows[id] == nil { return .noCall }
        guard settlements[id] == nil else { return .known }
        settlements[id] = settlement
        return .settled(cost: nil)
    }
}
