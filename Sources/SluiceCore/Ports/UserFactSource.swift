/// Where it is to be had how a user fared of late, for a person who asks why somebody is throttled.
public protocol UserFactSource: Sendable {
    func facts(of user: UserID, deadline: ContinuousClock.Instant) async throws(StoreError) -> UserFacts
}

/// How a user fared of late.
public struct UserFacts: Hashable, Sendable {
    /// Calls that one window refused within one minute.
    public struct Refusals: Hashable, Sendable {
        public let minute: Timestamp
        public let count: Int64

        public init(minute: Timestamp, count: Int64) {
            self.minute = minute
            self.count = count
        }
    }

    /// Of the last 24 hours, newest first, at most 60.
    public let refusals: [Refusals]
    /// Calls of the last 24 hours that were let through because the database could not decide.
    public let uncheckedCalls: Int64
    public let lastUncheckedAt: Timestamp?
    /// Calls of the last 24 hours that the ledger holds.
    public let calls: Int64

    public init(refusals: [Refusals], uncheckedCalls: Int64, lastUncheckedAt: Timestamp?, calls: Int64) {
        self.refusals = refusals
        self.uncheckedCalls = uncheckedCalls
        self.lastUncheckedAt = lastUncheckedAt
        self.calls = calls
    }
}

/// Takes down how often users were refused. A refused call leaves no other trace.
public protocol RefusalLedger: Sendable {
    /// Adds counts; several of one user and minute add up. `1 … 1,000` at once.
    func record(
        _ refusals: [RefusalCount], replica: String?, deadline: ContinuousClock.Instant
    ) async throws(StoreError)
}

/// How often a user was refused within a minute.
public struct RefusalCount: Hashable, Sendable {
    public let user: UserID
    public let policyID: Int32
    /// The start of a minute.
    public let minute: Timestamp
    public let count: Int64

    public init(user: UserID, policyID: Int32, minute: Timestamp, count: Int64) {
        self.user = user
        self.policyID = policyID
        self.minute = minute
        self.count = count
    }
}
