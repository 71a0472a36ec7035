/// A call that was let through without the ledger's word, on its way to its row there.
public struct UncheckedCall: Hashable, Sendable {
    public let call: Call
    /// When it was let through, by the database's clock as this process knew it.
    public let admittedAt: Timestamp
    /// ``Policy/id`` of the policy that let it through.
    public let policyID: Int32
    /// From when on the ledger may hold the call nonetheless, since a question about it went out and got no answer;
    /// `nil` if none did.
    public let mayExistSince: Timestamp?

    public init(_ call: Call, admittedAt: Timestamp, policyID: Int32, mayExistSince: Timestamp? = nil) {
        self.call = call
        self.admittedAt = admittedAt
        self.policyID = policyID
        self.mayExistSince = mayExistSince
    }
}
