import SluiceCore

/// Brings records to the ledger and finds those that it never takes.
struct LedgerCourier: Sendable {
    enum Fate: Hashable, Sendable {
        case recorded, known, busy, rejected
        /// A settlement was added.
        case settled
        /// There is no call of that id to settle, as far as the ledger knows yet.
        case noCall

        init(_ outcome: UncheckedOutcome) {
            switch outcome {
            case .recorded: self = .recorded
            case .known: self = .known
            case .busy: self = .busy
            }
        }

        init(_ outcome: SettlementOutcome) {
            switch outcome {
            case .settled, .corrected: self = .settled
            case .known: self = .known
            case .busy: self = .busy
            case .noCall: self = .noCall
            }
        }
    }

    let ledger: any JournalLedger
    let replica: String?
    /// No batch may take longer.
    let deadline: ContinuousClock.Instant?

    /// What became of each record. Calls go before settlements, which may be theirs.
    func bring(_ entries: [JournalEntry]) async throws(StoreError) -> [Fate] {
        var (calls, settlements) = ([UncheckedCall](), [Settlement]())
        for entry in entries {
            switch entry {
            case .call(let call): calls.append(call)
            case .settlement(let settlement, _): settlements.append(settlement)
            }
        }
        var callFates = try await record(calls[...])[...]
        var settlementFates = try await settle(settlements[...])[...]
        return entries.map { entry in
            let fate: Fate? = if case .call = entry { callFates.popFirst() } else { settlementFates.popFirst() }
            return fate ?? .busy
        }
    }

    private func record(_ calls: ArraySlice<UncheckedCall>) async throws(StoreError) -> [Fate] {
        try await halving(calls) { calls throws(StoreError) in
            try await ledger.record(Array(calls), replica: replica, deadline: timeLimit(for: calls)).map(Fate.init)
        }
    }

    private func settle(_ settlements: ArraySlice<Settlement>) async throws(StoreError) -> [Fate] {
        try await halving(settlements) { settlements throws(StoreError) in
            try await ledger.settle(
                Array(settlements), replica: replica,
                deadline: timeLimit(isLong: settlements.contains { $0.admittedAt == nil })
            ).map(Fate.init)
        }
    }

    /// A rejected batch is halved until those are found that are to blame; asking for the others again adds nothing.
    private func halving<Item>(
        _ items: ArraySlice<Item>, _ ask: (ArraySlice<Item>) async throws(StoreError) -> [Fate]
    ) async throws(StoreError) -> [Fate] {
        guard !items.isEmpty else { return [] }
        do throws(StoreError) {
            let fates = try await ask(items)
            guard fates.count == items.count else {
                throw StoreError(.schema, "the ledger answered for \(fates.count) of \(items.count) records")
            }
            return fates
        } catch {
            guard error.kind == .rejected else { throw error }
            guard items.count > 1 else { return [.rejected] }
            let middle = items.startIndex + items.count / 2
            return try await halving(items[..<middle], ask) + halving(items[middle...], ask)
        }
    }

    private func timeLimit(for calls: ArraySlice<UncheckedCall>) -> ContinuousClock.Instant {
        timeLimit(isLong: calls.contains { $0.mayExistSince != nil })
    }

    /// - Parameter isLong: looking up whether the ledger holds a call takes longer than adding it.
    private func timeLimit(isLong: Bool) -> ContinuousClock.Instant {
        let limit = ContinuousClock.now.advanced(by: .seconds(isLong ? 30 : 10))
        return deadline.map { min($0, limit) } ?? limit
    }
}
