import Sluice
import SluiceCore
import SluiceServer
import Testing

@testable import SluiceCLI
@testable import SluiceJournal

@Suite("Readiness from the schema and one question")
struct DatabaseReadinessTests {
    private static let outage = LimiterError.unavailable(StoreError(.unavailable, "gone"), retryAfter: nil)
    private static let wrongSchema = LimiterError.unavailable(StoreError(.schema, "no function"), retryAfter: nil)
    private static let unusable =
        "the schema is gone, of another version or closed to this role (no function): `sluice doctor` tells more"

    @Test(
        "Each combination",
        arguments: [
            (
                SchemaState.ready(version: 3), nil,
                Readiness(database: .reachable, schema: .right, wasSchemaRight: true)
            ),
            (.unknown, nil, Readiness(database: .reachable, schema: .unknown)),
            (.wrong(reason: "old"), nil, Readiness(database: .reachable, schema: .wrong(reason: "old"))),
            (
                .ready(version: 3), outage,
                Readiness(database: .unreachable(reason: "\(outage)"), schema: .right, wasSchemaRight: true)
            ),
            (.unknown, outage, Readiness(database: .unreachable(reason: "\(outage)"), schema: .unknown)),
            (.unknown, wrongSchema, Readiness(database: .reachable, schema: .wrong(reason: unusable))),
            // Dropped while the replica runs.
            (
                .ready(version: 3), wrongSchema,
                Readiness(database: .reachable, schema: .wrong(reason: unusable), wasSchemaRight: true)
            ),
            (.wrong(reason: "old"), wrongSchema, Readiness(database: .reachable, schema: .wrong(reason: "old"))),
        ] as [(SchemaState, LimiterError?, Readiness)])
    func each(_ schema: SchemaState, _ failure: LimiterError?, _ readiness: Readiness) {
        #expect(DatabaseReadiness.readiness(schema, failure: failure) == readiness)
    }

    @Test("The journal's part of it", arguments: JournalTrouble.allCases)
    func journal(_ trouble: JournalTrouble) {
        var status = JournalStatus(records: 0, bytes: 0, oldest: nil, lost: 0, setAside: 0, trouble: nil, failure: nil)
        #expect(DatabaseReadiness.readiness(.unknown, failure: nil, journal: status).journal == .ok)
        (status.trouble, status.failure) = (trouble, "write /secret/path")
        #expect(
            DatabaseReadiness.readiness(.unknown, failure: nil, journal: status).journal
                == .failing(reason: "the journal is \(trouble.rawValue)"))
    }
}
