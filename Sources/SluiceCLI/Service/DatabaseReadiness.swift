import Sluice
import SluiceCore
import SluiceServer

/// Looks at the database for `/readyz`: the schema as it was found at start, and one question to the database now.
struct DatabaseReadiness: ReadinessProbe {
    let limiter: any Limiter
    let policy: Policy
    let schema: @Sendable () -> SchemaState

    /// Nobody's: looking at a user consumes nothing, and asks all that a decision asks.
    private static let user = UserID(bits: UUIDBits(high: 0, low: 0))

    func check() async -> Readiness {
        do throws(LimiterError) {
            _ = try await limiter.peek(Self.user, weight: 1, under: policy)
            return Self.readiness(schema(), failure: nil)
        } catch {
            return Self.readiness(schema(), failure: error)
        }
    }

    /// An answer of the database that the schema is wrong is an answer.
    static func readiness(_ schema: SchemaState, failure: LimiterError?) -> Readiness {
        if case .unavailable(let cause, _) = failure, cause.kind == .schema {
            return Readiness(database: .reachable, schema: schema.readiness ?? .wrong(reason: cause.message))
        }
        let database = failure.map { Readiness.Database.unreachable(reason: "\($0)") } ?? .reachable
        return Readiness(database: database, schema: schema.readiness ?? .unknown)
    }
}

extension SchemaState {
    fileprivate var readiness: Readiness.Schema? {
        switch self {
        case .unknown: nil
        case .ready: .right
        case .wrong(let reason): .wrong(reason: reason)
        }
    }
}
