/// How long to wait before a child that ended by itself is started again.
struct RestartBackoff: Sendable {
    private var next: Duration = RestartBackoff.first

    static let first: Duration = .milliseconds(100)
    static let longest: Duration = .seconds(5)
    /// A child that ran this long is taken for healthy: the next pause is short again.
    static let healthyAfter: Duration = .seconds(60)

    /// The pause after a run of the given length.
    mutating func ended(after ran: Duration) -> Duration {
        if ran >= Self.healthyAfter { next = Self.first }
        defer { next = min(Self.longest, next * 2) }
        return next
    }
}
