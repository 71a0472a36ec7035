package import Metrics
package import SluiceCore

/// What calls have taken and how they were settled, as metrics. `docs/metrics.md` lists them.
package struct TokenMetrics: SettlementMetrics {
    private struct Kind: Hashable {
        let name: String
        let basis: Settlement.Basis
    }

    private let settlements: HandleCache<Kind, Counter>
    private let tokens: HandleCache<Kind, Counter>
    private let costs: HandleCache<Settlement.Basis, Counter>
    private let batchSettlements: Recorder
    private let batchDuration: Timer

    /// - Parameter factory: where the metrics go: the registry behind `/metrics`.
    package init(factory: any MetricsFactory) {
        settlements = HandleCache { kind in
            let labels = [("outcome", kind.name), ("basis", kind.basis.rawValue)]
            return Counter(label: "sluice_settlements_total", dimensions: labels, factory: factory)
        }
        tokens = HandleCache { kind in
            let labels = [("kind", kind.name), ("basis", kind.basis.rawValue)]
            return Counter(label: "sluice_tokens_total", dimensions: labels, factory: factory)
        }
        costs = HandleCache { basis in
            Counter(label: "sluice_cost_nanousd_total", dimensions: [("basis", basis.rawValue)], factory: factory)
        }
        batchSettlements = Recorder(
            label: "sluice_settlement_batch_calls", dimensions: [], aggregate: true, factory: factory)
        batchDuration = Timer(label: "sluice_settlement_batch_duration_seconds", dimensions: [], factory: factory)
    }

    package func ended(_ end: SettlementEnd, of settlement: Settlement) {
        let basis = settlement.basis
        settlements[Kind(name: end.word, basis: basis)].increment()
        // What was counted before, or is of no call, is no use of tokens; the journal brings what it holds without us.
        guard end.isNew else { return }
        let usage = settlement.usage
        for (name, count) in [
            ("input", usage.input), ("cached", usage.cached), ("output", usage.output), ("reasoning", usage.reasoning),
        ] where count > 0 {
            tokens[Kind(name: name, basis: basis)].increment(by: count)
        }
        if let cost = end.cost, cost > 0 { costs[basis].increment(by: cost) }
    }

    package func batchAnswered(settlements: Int, after duration: Duration, error: StoreError?) {
        batchSettlements.record(settlements)
        batchDuration.recordNanoseconds(duration.nanoseconds)
    }
}

extension SettlementEnd {
    fileprivate var word: String {
        switch self {
        case .settled: "settled"
        case .corrected: "corrected"
        case .known: "known"
        case .noCall: "no_call"
        case .journaled: "journaled"
        case .failed: "failed"
        }
    }

    fileprivate var isNew: Bool {
        switch self {
        case .settled, .corrected, .journaled: true
        case .known, .noCall, .failed: false
        }
    }

    fileprivate var cost: Int64? {
        switch self {
        case .settled(let cost), .corrected(let cost): cost
        case .known, .noCall, .journaled, .failed: nil
        }
    }
}
