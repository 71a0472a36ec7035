/// Keeps settlements that the ledger cannot take now until it does: a journal.
public protocol SettlementRecorder: Sendable {
    /// - Parameter time: when the call was settled, by the database's clock as this process knows it.
    /// - Returns: ``RecordOutcome/recorded`` when the ledger will get it; anything else when it is lost.
    func record(_ settlement: Settlement, at time: Timestamp) async -> RecordOutcome
}

extension NoRecorder: SettlementRecorder {
    public func record(_ settlement: Settlement, at time: Timestamp) async -> RecordOutcome { .lost }
}
