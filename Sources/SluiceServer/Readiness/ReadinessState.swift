/// Whether the replica belongs in the load balancer: a pure state machine.
///
/// A replica that fails open must stay in the load balancer when the database is away, or nobody could be let through. So
/// it is out only while it has never seen a schema that it works with and knows that the one there is wrong, which is a
/// release gone wrong, and from when it begins to stop. A schema that turns wrong later is found in all replicas at once:
/// taking them all out would be an outage of our own making. Nor does a journal that fails take
/// it out: as long as the database decides nobody needs one, and without both the next replica is no better off.
struct ReadinessState {
    struct Verdict: Equatable {
        let isReady: Bool
        let readiness: Readiness
        let reasons: [String]
    }

    private var hasSeenRightSchema = false
    private var isStopping = false

    mutating func stopping() {
        isStopping = true
    }

    mutating func observed(_ readiness: Readiness) -> Verdict {
        if readiness.wasSchemaRight || readiness.schema == .right { hasSeenRightSchema = true }
        let isSchemaWrong = readiness.schema.reason != nil
        let reasons = [
            isStopping ? "the replica is stopping" : nil, readiness.database.reason, readiness.schema.reason,
            readiness.journal.reason,
        ]
        return Verdict(
            isReady: !isStopping && (hasSeenRightSchema || !isSchemaWrong), readiness: readiness,
            reasons: reasons.compactMap { $0 })
    }
}
