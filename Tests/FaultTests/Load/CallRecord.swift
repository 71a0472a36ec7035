import SluiceCore

/// One question to a replica as its caller saw it, by the wall clock of this machine, which is the database's too.
struct CallRecord: Sendable {
    enum Outcome: Sendable {
        /// Let through, with the ledger's word.
        case enforced
        /// Let through without.
        case unchecked
        /// 429.
        case refused
        /// 503.
        case unavailable
        /// The connection broke or was refused, or no answer came in time.
        case unanswered
        /// What no caller should ever get.
        case odd
    }

    let user: UserID
    let weight: Int64
    /// The one that was sent, or else the one that was answered.
    let id: CallID?
    let isIDSupplied: Bool
    let outcome: Outcome
    let sentAt: Timestamp
    let receivedAt: Timestamp
    let began: ContinuousClock.Instant
    let ended: ContinuousClock.Instant

    var wait: Duration { ended - began }
    var isLetThrough: Bool { outcome == .enforced || outcome == .unchecked }
    var isAnswered: Bool { outcome != .unanswered }
}
