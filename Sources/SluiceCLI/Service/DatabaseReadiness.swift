import Sluice
import SluiceCore
import SluiceJournal
import SluiceServer

/// Looks at the database for `/readyz`: the schema as it was found at start, and one question to the database now.
struct DatabaseReadiness: ReadinessProbe {
    let limiter: any Limiter
    let policy: Policy
    let schema: @Sendable () -> SchemaState
    let versions: @Sendable () -> SchemaVersions
    /// `nil` without one.
    let journal: @Sendable () -> JournalStatus?

    /// Nobody's: looking at a user consumes nothing, and asks all that a decision asks.
    private static let user = UserID(bits: UUIDBits(high: 0, low: 0))

    func check() async -> Readiness {
        var failure: LimiterError?
        do throws(LimiterError) {
            _ = try await limiter.peek(Self.user, weight: 1, under: policy)
        } catch {
            failure = error
        }
        return Self.readiness(schema(), versions(), failure: failure, journal: journal())
    }

    /// An answer of the database that the schema is wrong is an answer, and newer than what was found at start.
    static func readiness(
        _ schema: SchemaState, _ versions: SchemaVersions? = nil, failure: LimiterError?, journal: JournalStatus? = nil
    ) -> Readiness {
        var database = Readiness.Database.reachable
        var now = schema.readiness
        if case .unavailable(let cause, _) = failure, cause.kind == .schema {
            if case .wrong = now {} else { now = .wrong(reason: unusable(cause)) }
        } else if let failure {
            database = .unreachable(reason: "\(failure)")
        }
        return Readiness(
            database: database, schema: now, journal: .init(journal), wasSchemaRight: schema.readiness == .right,
            wantedSchema: versions?.wanted, foundSchema: versions?.found)
    }

    private static func unusable(_ cause: StoreError) -> String {
        "the schema is gone, of another version or closed to this role (\(cause.message)): `sluice doctor` tells more"
    }
}

extension SchemaState {
    fileprivate var readiness: Readiness.Schema {
        switch self {
        case .unknown: .unknown
        case .ready: .right
        case .wrong(let reason): .wrong(reason: reason)
        }
    }
}

extension Readiness.Journal {
    /// What the disk says stays in the log: it may name paths.
    fileprivate init(_ status: JournalStatus?) {
        switch status?.trouble {
        case _ where status == nil: self = .off
        case nil: self = .ok
        case .some(let trouble): self = .failing(reason: "the journal is \(trouble.rawValue)")
        }
    }
}
