/// Whether the replica belongs in the load balancer: a pure state machine.
///
/// A replica that fails open must stay in the load balancer when the database is away, or nobody could be let through. So
/// it is out only while it has never seen a schema that it works with and knows that the one there is wrong, which is a
/// release gone wrong, and from when it begins to stop. A schema that turns wrong later is found in all replicas at once:
/// taking them all out would be an outage of our own making.
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
        if case .right = readiness.schema { hasSeenRightSchema = true }
        let isSchemaWrong = readiness.schema.reason != nil
        let reasons = [
            isStopping ? "the replica is stopping" : nil, readiness.database.reason, readiness.schema.reason,
        ]
        return Verdict(
            isReady: !isStopping && (hasSeenRightSchema || !isSchemaWrong), readiness: readiness,
            reasons: reasons.compactMap { $0 })
    }
}
