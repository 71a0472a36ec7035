import Logging
import Postgres
import SluicePostgres
import SluiceTesting
import Testing

@testable import SluiceCLI

/// What the doctor learns from real servers.
@Suite("The doctor's examination")
struct DatabaseExaminerTests {
    private let logger = Logger(label: "test")

    @Test("A direct connection to an empty database of a superuser")
    func direct() async throws {
        let server = try await PostgresServer.shared()
        let facts: DatabaseFacts = try await server.withDatabase { url in try await examine(url) }
        #expect(facts.serverVersion >= DoctorExam.oldestVersion)
        #expect(facts.pooler == .none && facts.isLocal && facts.isSuperuser && !facts.isReadOnly)
        #expect(facts.schema == .absent && facts.partitionDays == nil)
        // The servers of tests are started so.
        #expect(!facts.fsync)
        #expect(abs(facts.clockOffset) <= facts.clockUncertainty + 1)
        #expect(facts.connectionsInUse > 0 && facts.connectionsInUse < facts.connectionLimit)
    }

    @Test("A migrated database, by its owner and by a role that may do too little")
    func privileges() async throws {
        let server = try await PostgresServer.shared()
        try await server.withDatabase { url in
            let applied = try await Migrator(
                configuration: try PostgresConfiguration(url: url), logger: logger
            ).up()
            let owner = try await examine(url)
            #expect(owner.schema == .current(version: applied.count))
            #expect(owner.forbiddenFunctions.isEmpty)
            #expect(try #require(owner.partitionDays) >= 0)
            try await restricted(url) { restrictedURL in
                let facts = try await examine(restrictedURL)
                #expect(!facts.isSuperuser && facts.role == "doctor_test")
                #expect(facts.schema == .current(version: applied.count))
                #expect(facts.forbiddenFunctions.contains("admit_user"))
            }
        }
    }

    @Test("PgBouncer in transaction mode, with several server connections and with one", arguments: [4, 1])
    func pooler(_ poolSize: Int) async throws {
        let server = try await PostgresServer.shared()
        let bouncer = try await PgBouncerServer.start(before: server, poolSize: poolSize)
        let facts = try await examine(bouncer.url(database: "postgres"))
        #expect(facts.pooler == .transaction)
        await bouncer.remove()
    }

    @Test("A server that is told to be read-only")
    func readOnly() async throws {
        let server = try await PostgresServer.shared()
        let facts = try await examine(server.url("options='-c default_transaction_read_only=on'"))
        #expect(facts.isReadOnly)
    }

    private func examine(_ url: String) async throws -> DatabaseFacts {
        try await DatabaseExaminer(database: try PostgresConfiguration(url: url), logger: logger).facts()
    }

    /// Lends the URL of a role that may look at the migrations and execute nothing.
    private func restricted(_ url: String, _ body: (String) async throws -> Void) async throws {
        let admin = try await PostgresConnection.connect(try PostgresConfiguration(url: url), logger: logger)
        try await admin.execute(
            """
            CREATE ROLE doctor_test LOGIN;
            GRANT USAGE ON SCHEMA sluice TO doctor_test;
            GRANT SELECT ON sluice.migrations TO doctor_test;
            REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA sluice FROM public;
            GRANT EXECUTE ON FUNCTION sluice.partition_name(date, text) TO doctor_test
            """)
        try await body(url.replacing("user=postgres", with: "user=doctor_test"))
        try await admin.execute("DROP OWNED BY doctor_test; DROP ROLE doctor_test")
        await admin.close()
    }
}
