import Postgres
import SluicePostgres
import SluiceTesting
import Testing

@testable import SluiceCLI

/// A server where the migrating role may make no roles, and a DBA who makes them.
@Suite("Roles that a DBA makes", .timeLimit(.minutes(10)))
struct MigrateRolesTests {
    private static let foreign = """
        SELECT count(*) FROM (
            SELECT relowner AS owner FROM pg_class WHERE relnamespace = 'sluice'::regnamespace
            UNION ALL SELECT proowner FROM pg_proc WHERE pronamespace = 'sluice'::regnamespace
            UNION ALL SELECT typowner FROM pg_type WHERE typnamespace = 'sluice'::regnamespace
            UNION ALL SELECT nspowner FROM pg_namespace WHERE nspname = 'sluice') AS o
        WHERE owner <> 'sluice_owner'::regrole
        """

    @Test("After the first migration or before it", arguments: [true, false])
    func roles(_ isAfter: Bool) async throws {
        try await PostgresServer.with { server in
            try await prepare(server)
            let url = server.url(database: "release", user: "deployer")
            let admin = server.url(database: "release")
            let sluice = SluiceUnderTest(environment: ["DATABASE_URL": url])
            if isAfter {
                let first = try await sluice.run("migrate", "up")
                #expect(first.status == 0, "\(first.errors)")
                #expect(first.errors.contains("the roles sluice_owner, sluice_app, sluice_audit are missing"))
            }
            let script = try await sluice.run("migrate", "roles").output
            try await psql(admin, script)
            try await psql(admin, script)
            let up = try await sluice.run("migrate", "up")
            #expect(up.status == 0 && !up.errors.contains("missing"), "\(up.errors)")
            let verified = try await sluice.run("migrate", "verify")
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
            let strangers = try await connected(admin) { connection in
                try await connection.query(Self.foreign, []).first?.decode(Int64.self, at: 0)
            }
            #expect(strangers == 0)
            try await service(server)
            // The migrating role is as much the owner as before.
            #expect(try await sluice.run("migrate", "down", "--to", "5", "--yes").status == 0)
            #expect(try await sluice.run("migrate", "up").status == 0)
        }
    }

    /// A server as a stranger has it, without the roles of Sluice.
    private func prepare(_ server: PostgresServer) async throws {
        for statement in [
            "ALTER DATABASE template1 OWNER TO postgres", "DROP ROLE sluice_owner", "DROP ROLE sluice_app",
            "DROP ROLE sluice_audit", "CREATE ROLE deployer LOGIN", "CREATE DATABASE release OWNER deployer",
        ] {
            try await server.administer(statement)
        }
    }

    /// A replica's role does what a replica does, and sees no table.
    private func service(_ server: PostgresServer) async throws {
        try await server.administer("CREATE ROLE service LOGIN IN ROLE sluice_app")
        let url = server.url(database: "release", user: "service")
        let admitted = try await SluiceUnderTest(environment: ["DATABASE_URL": url]).run("admit", UpBanner.user)
        #expect(admitted.status == 0, "\(admitted.errors)")
        await #expect {
            try await connected(url) { try await $0.execute("SELECT FROM sluice.calls") }
        } throws: {
            ($0 as? PostgresError)?.sqlState == .insufficientPrivilege
        }
    }
}
