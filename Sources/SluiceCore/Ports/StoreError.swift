/// Why a store could not decide.
public struct StoreError: Error, Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// No connection, a connection lost, a server that refuses to work.
        case unavailable
        /// No answer before the deadline.
        case deadlineExceeded = "deadline_exceeded"
        /// The user's lock was not granted in time: the database works, this user is busy.
        case contended
        /// Somebody holds a lock on the ledger itself, as a step of a migration does: nothing was written.
        case locked
        /// The schema is missing, too old, too new, or not ours to use.
        case schema
        /// The ledger has no partition for the row's day: the database works, maintenance is behind.
        case missingPartition = "missing_partition"
        /// A value that the ledger never takes: asking again is no help, and the other calls of the batch may be fine.
        case rejected
        /// The journal cannot take the call, and it must not go through without.
        case unrecorded
        /// The store was shut down.
        case closed
    }

    public let kind: Kind
    /// For logs: says what happened and never holds a bound value or a secret.
    public let message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// Whether this counts against the database in the breaker. One busy user, one wrong value or our own shutdown does not.
    public var isOutage: Bool {
        switch kind {
        case .unavailable, .deadlineExceeded, .locked, .schema: true
        case .contended, .missingPartition, .rejected, .unrecorded, .closed: false
        }
    }
}

extension StoreError: CustomStringConvertible {
    public var description: String { "\(kind.rawValue): \(message)" }
}
