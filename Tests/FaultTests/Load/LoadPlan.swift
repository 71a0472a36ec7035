import SluiceCore

/// What the callers of a run do.
struct LoadPlan: Sendable {
    var callers = FaultSettings.callers
    /// Calls a second of all callers together, if they are answered quickly enough.
    var rate = FaultSettings.rate
    /// Users who call at one time; others take their places as time goes.
    var users = 64
    /// One of them who stays.
    var regular: UserID?
    /// Of 100 calls, how many bring an id of their own and may come again.
    var suppliedIDs = 25
    /// Bytes of `route` and of `model` each, 0 … 256: they make a record large.
    var padding = 0
}
