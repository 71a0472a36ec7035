import SluiceCore

/// Brings calls to the ledger and finds those that it never takes.
struct LedgerCourier: Sendable {
    enum Fate: Hashable, Sendable {
        case recorded, known, busy, rejected

        init(_ outcome: UncheckedOutcome) {
            switch outcome {
            case .recorded: self = .recorded
            case .known: self = .known
            case .busy: self = .busy
            }
        }
    }

    let ledger: any UncheckedLedger
    let replica: String?
    /// No batch may take longer.
    let deadline: ContinuousClock.Instant?

    /// What became of each call. A rejected batch is halved until those are found that are to blame; asking for the others again
    /// adds nothing.
    func bring(_ calls: ArraySlice<UncheckedCall>) async throws(StoreError) -> [Fate] {
        do throws(StoreError) {
            let outcomes = try await ledger.record(Array(calls), replica: replica, deadline: timeLimit(for: calls))
            guard outcomes.count == calls.count else {
                throw StoreError(.schema, "the ledger answered for \(outcomes.count) of \(calls.count) calls")
            }
            return outcomes.map(Fate.init)
        } catch {
            guard error.kind == .rejected else { throw error }
            guard calls.count > 1 else { return [.rejected] }
            let middle = calls.startIndex + calls.count / 2
            return try await bring(calls[..<middle]) + bring(calls[middle...])
        }
    }

    /// Looking up whether the ledger holds a call takes longer than adding it.
    private func timeLimit(for calls: ArraySlice<UncheckedCall>) -> ContinuousClock.Instant {
        let mustLook = calls.contains { $0.mayExistSince != nil }
        let limit = ContinuousClock.now.advanced(by: .seconds(mustLook ? 30 : 10))
        return deadline.map { min($0, limit) } ?? limit
    }
}
