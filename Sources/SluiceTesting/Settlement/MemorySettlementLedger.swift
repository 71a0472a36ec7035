public import SluiceCore
import Synchronization

/// A ledger of settlements in memory, for tests: keeps the contract that the one in PostgreSQL keeps.
public final class MemorySettlementLedger: SettlementLedger {
    fileprivate struct State {
        var calls: [CallID: (user: UserID, admittedAt: Timestamp)] = [:]
        var rows: [CallID: [SettlementRow]] = [:]
        var prices: [ModelPrice] = []
        var busy: Set<UserID> = []
        var failure: StoreError?
        var batches: [Int] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// Sizes of the batches that were asked for.
    public var batches: [Int] { state.withLock { $0.batches } }

    /// What every batch fails with from now on; `nil` for nothing.
    public func fail(with error: StoreError?) {
        state.withLock { $0.failure = error }
    }

    /// Makes a call known, so that it is found by its id.
    public func note(_ call: Call, admittedAt: Timestamp) {
        state.withLock { $0.calls[call.id] = (call.user, admittedAt) }
    }

    /// A later price of a model replaces the one before.
    public func setPrice(_ price: ModelPrice) {
        state.withLock { state in
            state.prices.removeAll { $0.model == price.model }
            state.prices.append(price)
        }
    }

    /// From now on, whether another transaction holds the lock on the user's settlements.
    public func setBusy(_ isBusy: Bool, _ user: UserID) {
        state.withLock { if isBusy { $0.busy.insert(user) } else { $0.busy.remove(user) } }
    }

    /// In the order in which they were added.
    public func rows(of call: CallID) -> [SettlementRow] {
        state.withLock { $0.rows[call] ?? [] }
    }

    public func settle(
        _ settlements: [Settlement], replica: String?, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [SettlementOutcome] {
        let answer = state.withLock { state -> Result<[SettlementOutcome], StoreError> in
            state.batches.append(settlements.count)
            if let failure = state.failure { return .failure(failure) }
            return .success(settlements.map { state.take($0) })
        }
        return try answer.get()
    }
}

extension MemorySettlementLedger.State {
    fileprivate mutating func take(_ settlement: Settlement) -> SettlementOutcome {
        if busy.contains(settlement.user) { return .busy }
        if settlement.admittedAt == nil, calls[settlement.callID]?.user != settlement.user { return .noCall }
        let earlier = rows[settlement.callID] ?? []
        let cost = prices.cost(of: settlement)
        let whole = SettlementDifference(settlement.usage)
        guard let weight = earlier.map(\.basis.weight).max() else {
            rows[settlement.callID] = [
                SettlementRow(usage: whole, cost: cost, basis: settlement.basis, isCorrection: false)
            ]
            return .settled(cost: cost)
        }
        guard weight < settlement.basis.weight else { return .known }
        let charged = earlier.reduce(0) { $0 + ($1.cost ?? 0) }
        rows[settlement.callID]?.append(
            SettlementRow(
                usage: earlier.reduce(whole) { $0 - $1.usage },
                cost: cost != nil || charged > 0 ? (cost ?? 0) - charged : nil,
                basis: settlement.basis, isCorrection: true))
        return .corrected(cost: cost)
    }
}

extension [ModelPrice] {
    /// Rounded half up.
    fileprivate func cost(of settlement: Settlement) -> Int64? {
        guard let model = settlement.model, let price = price(of: model) else { return nil }
        let usage = settlement.usage
        let parts: [(tokens: Int64, price: Int64)] = [
            (usage.input - usage.cached - usage.cacheWrite, price.input), (usage.cached, price.cached),
            (usage.cacheWrite, price.cacheWrite), (usage.output, price.output),
        ]
        let sum = parts.reduce(Int128(0)) { $0 + Int128($1.tokens) * Int128($1.price) }
        return Int64(Swift.min((sum + 500_000) / 1_000_000, 1_000_000_000_000_000))
    }

    private func price(of model: String) -> ModelPrice? {
        let matching = filter { price in
            price.model == model || price.model.hasSuffix("*") && model.hasPrefix(String(price.model.dropLast()))
        }
        return matching.first { $0.model == model } ?? matching.max { $0.model.count < $1.model.count }
    }
}
