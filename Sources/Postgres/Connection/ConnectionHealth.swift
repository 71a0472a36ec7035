import Synchronization

/// What a connection is good for, readable from any thread without waiting for its actor.
final class ConnectionHealth: Sendable {
    enum Status: UInt8 {
        /// Ready for the next user.
        case ready
        /// Ready, within a transaction that somebody opened.
        case inTransaction
        /// A statement is under way, or an abandoned one is being drained.
        case busy
        /// For good.
        case closed
    }

    private let status = Atomic<UInt8>(Status.ready.rawValue)
    private let condemned = Atomic<Bool>(false)

    var current: Status { Status(rawValue: status.load(ordering: .acquiring)) ?? .closed }

    /// The server said something after which this session should not be used for anything new.
    var isCondemned: Bool { condemned.load(ordering: .acquiring) }

    /// The next user can have it as it is.
    var isClean: Bool { current == .ready && !isCondemned }

    func set(_ new: Status) { status.store(new.rawValue, ordering: .releasing) }

    func condemn() { condemned.store(true, ordering: .releasing) }
}
