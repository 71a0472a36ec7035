/// Where a call came from and what was set aside for it: what the gateway knows of a call beyond its user.
public struct CallOrigin: Hashable, Sendable {
    public let key: KeyID?
    /// The same for all attempts of a client at one call.
    public let logicalID: CallID?
    /// 0 for the first attempt, then as the client counts its retries.
    public let attempt: Int16
    public let reservation: Reservation?

    /// - Parameter attempt: `0 … 32,767`; what is out of range is moved to the nearest end.
    public init(key: KeyID? = nil, logicalID: CallID? = nil, attempt: Int = 0, reservation: Reservation? = nil) {
        self.key = key
        self.logicalID = logicalID
        self.attempt = Int16(clamping: max(0, attempt))
        self.reservation = reservation
    }
}

/// What a call may spend at most, as far as was known when it began.
public struct Reservation: Hashable, Sendable {
    /// Tokens of one call, and nano-USD of one call: sums of billions of calls stay within 64 bits.
    public static let maximum: Int64 = 1_000_000_000_000

    public let inputTokens: Int64
    public let outputTokens: Int64
    /// In nano-USD; `nil` where no price is known.
    public let cost: Int64?

    /// Everything is moved into `0 … maximum`.
    public init(inputTokens: Int64, outputTokens: Int64, cost: Int64? = nil) {
        self.inputTokens = min(max(0, inputTokens), Self.maximum)
        self.outputTokens = min(max(0, outputTokens), Self.maximum)
        self.cost = cost.map { min(max(0, $0), Self.maximum) }
    }
}
