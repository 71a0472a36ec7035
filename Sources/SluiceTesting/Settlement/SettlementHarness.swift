public import SluiceCore

/// What the contract suite needs to try a ledger of settlements.
public protocol SettlementHarness: Sendable {
    var ledger: any SettlementLedger { get }
    /// Admits a call, with a reservation that its origin names.
    ///
    /// - Returns: when it was admitted.
    func admit(_ call: Call) async throws -> Timestamp
    /// Sets what a model costs from now on, before any call of it.
    func setPrice(_ price: ModelPrice) async throws
    /// Runs `body` while another transaction holds the lock on the user's settlements.
    func whileBusy(_ user: UserID, _ body: @Sendable () async throws -> Void) async throws
    /// The rows of a call in the order in which they were added.
    func rows(of call: CallID, by user: UserID) async throws -> [SettlementRow]
}
