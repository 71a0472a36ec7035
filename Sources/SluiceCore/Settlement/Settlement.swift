/// What a call that is over has taken.
public struct Settlement: Hashable, Sendable {
    /// How the figures were obtained.
    public enum Basis: String, Hashable, Sendable, CaseIterable {
        /// Whoever made the call says so. What the gateway knows of a call of its own counts more and corrects it.
        case reported
        /// The provider reported them.
        case measured
        /// From what was seen of question and answer: the provider reported none, or the stream was cut off before it did.
        case estimated
        /// The provider reported them to us alone: the client had left, and the rest was read without it.
        case drained
        /// Nobody settled the call within its lease; the figures are those of the reservation.
        case expired

        /// How much figures count: those of a call are corrected by figures that count more, and by no others.
        package var weight: Int {
            switch self {
            case .reported: 0
            case .expired: 1
            case .measured, .estimated, .drained: 2
            }
        }
    }

    public let user: UserID
    public let callID: CallID
    /// ``Admission/admittedAt`` of the call; `nil` where it is not known, and the ledger looks.
    public let admittedAt: Timestamp?
    /// The model that answered, which decides the price.
    public let model: String?
    public let usage: TokenUsage
    public let basis: Basis
    /// The HTTP status of the provider's answer; `nil` where there was none.
    public let status: Int16?
    /// From the admission to the end; moved into `0 … 31 days`.
    public let duration: Duration?

    /// - Throws: ``CallError`` when the model's name is too long or holds U+0000.
    public init(
        user: UserID, callID: CallID, admittedAt: Timestamp?, model: String?, usage: TokenUsage, basis: Basis,
        status: Int16? = nil, duration: Duration? = nil
    ) throws(CallError) {
        try Call.checkLabel(model, field: "model")
        self.user = user
        self.callID = callID
        self.admittedAt = admittedAt
        self.model = model
        self.usage = usage
        self.basis = basis
        self.status = status
        self.duration = duration.map { min(max(.zero, $0), .seconds(31 * 86_400)) }
    }
}
