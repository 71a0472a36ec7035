/// Learns of every call that was let through without the ledger's word, so that its row can be written later.
public protocol UncheckedRecorder: Sendable {
    /// Called before the caller is answered. `cause` is why the ledger could not decide; the call may be in the ledger nonetheless.
    /// Not called for calls that only look.
    func admittedUnchecked(_ call: Call, at time: Timestamp, policy: Policy, cause: StoreError) async
}

/// Such calls are not written down.
public struct NoRecorder: UncheckedRecorder {
    public init() {}

    public func admittedUnchecked(_ call: Call, at time: Timestamp, policy: Policy, cause: StoreError) async {}
}
