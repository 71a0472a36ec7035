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
        #expect(facts.schema == .absent && facts.partitions == nil)
        // The servers of tests are started so.
        #expect(!facts.fsync)
        #expect(abs(facts.clockOffset) <= facts.clockUncertainty + 1)
        #expect(facts.connectionsInUse > 0 && facts.connectionsInUse < facts.connectionLimit)
    }

    @Test("A migrated database, by the role of a replica")
    func replica() async throws {
        try await PostgresServer.shared().withMigratedDatabase { url in
            let facts = try await examine(url)
            #expect(facts.role == "app" && !facts.isSuperuser)
            guard case .current = facts.schema else { throw Failure(description: "\(facts.schema)") }
            #expect(facts.roles == RoleFacts())
            #expect(try #require(facts.partitions).daysAhead >= 0)
            let roles = DoctorExam(facts: facts, poolSize: 4, partitionsAhead: 0).checks.filter {
                ["role", "roles", "privileges", "schema"].contains($0.name)
            }
            #expect(roles.count == 4 && roles.allSatisfy { $0.verdict == .ok }, "\(roles)")
        }
    }

    @Test("A migrated database, by roles that may do more than a replica needs, or less")
    func otherRoles() async throws {
        try await PostgresServer.shared().withMigratedDatabase { url in
            let migrator = try await examine(TestRole.migrator.url(like: url)).roles
            #expect(migrator?.isOwner == true && migrator?.forbiddenFunctions == [])
            let auditor = try await examine(TestRole.auditor.url(like: url)).roles
            #expect(auditor?.isOwner == false && auditor?.writableTables == [])
            #expect(auditor?.forbiddenFunctions.contains("admit_user") == true)
            #expect(auditor?.forbiddenFunctions.contains("schema_versions") == false)
            try await breaking(url, "GRANT INSERT ON sluice.calls TO sluice_app")
            try await breaking(url, "GRANT EXECUTE ON FUNCTION sluice.revoke_key(uuid) TO PUBLIC")
            try await breaking(url, "REVOKE SELECT ON sluice.policy_history FROM sluice_audit")
            let broken = try await examine(url).roles
            #expect(broken?.writableTables == ["calls"])
            #expect(broken?.openToAll == ["revoke_key"])
            #expect(broken?.hiddenViews == ["policy_history"])
            // What the remedy says.
            try await breaking(url, "SELECT sluice.grant_privileges()", as: .migrator)
            #expect(try await examine(url).roles == RoleFacts(writableTables: ["calls"]))
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

    private func breaking(_ url: String, _ statement: String, as role: TestRole = .superuser) async throws {
        let configuration = try PostgresConfiguration(url: role.url(like: url))
        let connection = try await PostgresConnection.connect(configuration, logger: logger)
        let result: Result<Void, any Error>
        do { result = .success(try await connection.execute(statement)) } catch { result = .failure(error) }
        await connection.close()
        try result.get()
    }
}
