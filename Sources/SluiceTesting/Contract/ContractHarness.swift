public import SluiceCore

/// What the contract suite needs to try a store.
///
/// Scenarios use fresh users, so that many can run at once on one store; but they set the time of their users only, and expect it
/// to stand until they set it again.
public protocol ContractHarness: Sendable {
    var store: any AdmissionStore { get }
    /// Scenarios happen within some days after it.
    var baseTime: Timestamp { get }
    /// From now on the database's clock says `time` to the calls of `users`.
    func setClock(_ time: Timestamp, of users: [UserID]) async throws
    /// Writes the row of a call that was let through unchecked at `time`.
    func insertUnchecked(_ call: Call, at time: Timestamp) async throws
    /// Whether rows stay, however old; a store in memory forgets those that no decision needs.
    var keepsOldRows: Bool { get }
    /// The user's rows in the ledger.
    func rows(of user: UserID) async throws -> [ContractRow]
}

extension ContractHarness {
    /// 2026-01-15T12:00:00Z.
    public var baseTime: Timestamp { Timestamp(microseconds: 1_768_478_400_000_000) }
    public var keepsOldRows: Bool { true }
}

/// What the contract says of a row in the ledger.
public struct ContractRow: Hashable, Sendable {
    public let callID: CallID
    public let admittedAt: Timestamp
    public let weight: Int64
    public let mode: AdmissionMode

    public init(callID: CallID, admittedAt: Timestamp, weight: Int64, mode: AdmissionMode) {
        self.callID = callID
        self.admittedAt = admittedAt
        self.weight = weight
        self.mode = mode
    }
}

/// A store that breaks its contract.
public struct ContractViolation: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
