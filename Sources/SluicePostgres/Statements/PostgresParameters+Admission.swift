import Postgres
import SluiceCore

extension PostgresParameters {
    /// Ids, whether they were supplied, weights, routes, models and origins: one array each. Origins are text, to be cast.
    mutating func append(calls: [Call]) {
        append(calls.map(\.id))
        append(calls.map(\.isIDSupplied))
        append(calls.map(\.weight))
        append(calls.map(\.route))
        append(calls.map(\.model))
        append(calls.map { $0.origin?.rowLiteral })
    }

    /// Limits and lengths in microseconds, and the policy's id.
    mutating func append(policy: Policy) {
        append(windows: policy)
        append(policy.id)
    }

    /// Limits, and lengths in microseconds.
    mutating func append(windows policy: Policy) {
        append(policy.windows.map(\.limit))
        append(policy.windows.map(\.length.wholeMicroseconds))
    }
}
