import Sluice
import SluiceCore
import SluiceServer
import Testing

@testable import SluiceCLI

@Suite("Readiness from the schema and one question")
struct DatabaseReadinessTests {
    private static let outage = LimiterError.unavailable(StoreError(.unavailable, "gone"), retryAfter: nil)
    private static let wrongSchema = LimiterError.unavailable(StoreError(.schema, "no function"), retryAfter: nil)

    @Test(
        "Each combination",
        arguments: [
            (SchemaState.ready(version: 3), nil, Readiness(database: .reachable, schema: .right)),
            (.unknown, nil, Readiness(database: .reachable, schema: .unknown)),
            (.wrong(reason: "old"), nil, Readiness(database: .reachable, schema: .wrong(reason: "old"))),
            (
                .ready(version: 3), outage,
                Readiness(database: .unreachable(reason: "\(outage)"), schema: .right)
            ),
            (.unknown, outage, Readiness(database: .unreachable(reason: "\(outage)"), schema: .unknown)),
            (.unknown, wrongSchema, Readiness(database: .reachable, schema: .wrong(reason: "no function"))),
        ] as [(SchemaState, LimiterError?, Readiness)])
    func each(_ schema: SchemaState, _ failure: LimiterError?, _ readiness: Readiness) {
        #expect(DatabaseReadiness.readiness(schema, failure: failure) == readiness)
    }
}
