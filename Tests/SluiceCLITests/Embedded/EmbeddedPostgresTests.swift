import Foundation
import Glibc
import Logging
import Postgres
import Testing

@testable import SluiceCLI

/// The real program runs a real server; each test kills another part of it.
@Suite("The embedded PostgreSQL", .timeLimit(.minutes(10)))
struct EmbeddedPostgresTests {
    private let sluice = SluiceUnderTest()

    @Test("Is made, serves, stops without a trace, and keeps its data")
    func keepsData() async throws {
        try await withTemporaryFolder { folder in
            let first = try await serving(folder) { running, url in
                try await remember(7, at: url)
                running.send(SIGTERM)
            }
            #expect(first == 0)
            #expect(ProcessTable.mentioning(folder).isEmpty)
            let layout = ClusterLayout(root: folder)
            #expect(!FileManager.default.fileExists(atPath: layout.processFile))
            let second = try await serving(folder) { running, url in
                try await expectMemory([7], at: url)
                running.send(SIGINT)
            }
            #expect(second == 0)
        }
    }

    @Test("Has the roles of the schema, also in a data directory that was made without them")
    func roles() async throws {
        try await withTemporaryFolder { folder in
            let layout = ClusterLayout(root: folder)
            try await serving(folder) { running, url in
                try await expectRoles(at: url)
                try await connected(to: url.replacing("user=sluice", with: "user=postgres")) { connection in
                    try await connection.execute(
                        """
                        REVOKE CREATE ON DATABASE sluice FROM sluice_owner;
                        DROP ROLE sluice_owner; DROP ROLE sluice_app; DROP ROLE sluice_audit
                        """)
                }
                running.send(SIGTERM)
            }
            try FileManager.default.removeItem(atPath: layout.rolesMark)
            try await serving(folder) { running, url in
                try await expectRoles(at: url)
                running.send(SIGTERM)
            }
            #expect(FileManager.default.fileExists(atPath: layout.rolesMark))
        }
    }

    private func expectRoles(at url: String) async throws {
        let answer = try await connected(to: url) { connection in
            try await connection.query(
                """
                SELECT pg_has_role('sluice_owner', 'USAGE') AND has_database_privilege('sluice_owner', 'sluice', 'CREATE')
                    AND to_regrole('sluice_app') IS NOT NULL AND to_regrole('sluice_audit') IS NOT NULL
                    AND NOT rolsuper AND NOT rolcreaterole
                FROM pg_roles WHERE rolname = current_user
                """
            ).first?.decode(Bool.self, at: 0)
        }
        #expect(answer == true)
    }

    @Test("Ends with its owner, even when the owner is killed")
    func ownerKilled() async throws {
        try await withTemporaryFolder { folder in
            let status = try await serving(folder) { running, url in
                try await remember(7, at: url)
                running.send(SIGKILL)
            }
            #expect(status == 128 + SIGKILL)
            #expect(try await eventually { ProcessTable.mentioning(folder).isEmpty })
            // It was shut down, not killed with its owner.
            let log = ServerLog(path: ClusterLayout(root: folder).serverLog).tail(lines: 3)
            #expect(log.contains("database system is shut down"), "\(log)")
            try await serving(folder) { running, url in
                try await expectMemory([7], at: url)
                running.send(SIGTERM)
            }
        }
    }

    @Test("Is started again when it is killed, without losing a commit or leaving a zombie")
    func serverKilled() async throws {
        try await withTemporaryFolder { folder in
            let status = try await serving(folder) { running, url in
                try await remember(7, at: url)
                let server = try #require(ServerStatus(ClusterLayout(root: folder))?.process)
                kill(server, SIGKILL)
                _ = try await running.line(beginning: "ready ")
                #expect(ServerStatus(ClusterLayout(root: folder))?.process != server)
                try await expectMemory([7], at: url)
                #expect(ProcessTable.zombies(of: running.process).isEmpty)
                running.send(SIGTERM)
            }
            #expect(status == 0)
            #expect(ProcessTable.mentioning(folder).isEmpty)
        }
    }

    @Test("Is taken over by the next start when nobody was left to stop it")
    func orphan() async throws {
        try await withTemporaryFolder { folder in
            let layout = ClusterLayout(root: folder)
            try await serving(folder) { running, url in
                try await remember(7, at: url)
                let server = try #require(ServerStatus(layout)?.process)
                // The shells first, so that the end of their input finds nobody.
                for shell in ProcessTable.mentioning("sluice-postgres\0\(layout.serverLog)") { kill(shell, SIGSTOP) }
                running.send(SIGKILL)
                for shell in ProcessTable.mentioning("sluice-postgres\0\(layout.serverLog)") { kill(shell, SIGKILL) }
                #expect(kill(server, 0) == 0)
            }
            #expect(!ClusterProcesses(layout: layout).all().isEmpty)
            try await serving(folder) { running, url in
                try await expectMemory([7], at: url)
                running.send(SIGTERM)
            }
            #expect(ProcessTable.mentioning(folder).isEmpty)
        }
    }

    @Test("Has one owner; another is told how to share it")
    func oneOwner() async throws {
        try await withTemporaryFolder { folder in
            try await serving(folder) { running, url in
                let second = try await sluice.run("postgres", "--data-dir", folder)
                #expect(second.status == CommandStatus.unavailable.rawValue)
                #expect(second.errors.contains("process \(running.process)"))
                #expect(second.errors.contains("DATABASE_URL='\(url)'"))
                try await expectMemory([], at: url)
                running.send(SIGTERM)
            }
        }
    }

    @Test("Leaves nothing half made when the first start was interrupted")
    func interruptedSetup() async throws {
        try await withTemporaryFolder { folder in
            let layout = ClusterLayout(root: folder)
            try FileManager.default.createDirectory(atPath: layout.newCluster, withIntermediateDirectories: true)
            try "15".write(toFile: "\(layout.newCluster)/PG_VERSION", atomically: true, encoding: .utf8)
            try await serving(folder) { running, url in
                try await expectMemory([], at: url)
                running.send(SIGTERM)
            }
            #expect(!FileManager.default.fileExists(atPath: layout.newCluster))
        }
    }

    @Test("Survives a process file that names somebody else")
    func staleProcessFile() async throws {
        try await withTemporaryFolder { folder in
            try await serving(folder) { running, _ in running.send(SIGTERM) }
            let layout = ClusterLayout(root: folder)
            let status = try #require(Folder.status(layout.cluster))
            // This very process is alive and no server.
            try "\(getpid())\n\(layout.cluster)\n1\n5432\n".write(
                toFile: layout.processFile, atomically: false, encoding: .utf8)
            chown(layout.processFile, status.st_uid, status.st_gid)
            try await serving(folder) { running, url in
                try await expectMemory([], at: url)
                running.send(SIGTERM)
            }
        }
    }

    @Test("A folder that the server's account may not enter is refused by name", .enabled(if: geteuid() == 0))
    func closedFolder() async throws {
        try await withTemporaryFolder { folder in
            chmod(folder, 0o700)
            let result = try await sluice.run("postgres", "--data-dir", "\(folder)/data")
            #expect(result.status == CommandStatus.unavailable.rawValue)
            #expect(result.errors.contains("may not enter \(folder)"))
        }
    }

    @discardableResult
    private func serving(
        _ folder: String, _ body: (Running, _ url: String) async throws -> Void
    ) async throws -> Int32 {
        try await sluice.running(["postgres", "--data-dir", folder]) { running in
            let line = try await running.line(beginning: "ready ")
            try await body(running, String(line.dropFirst("ready ".count)))
        }
    }

    private func remember(_ number: Int64, at url: String) async throws {
        try await connected(to: url) { connection in
            try await connection.execute("CREATE TABLE memory (number bigint)")
            try await connection.query("INSERT INTO memory VALUES (\(number))")
        }
    }

    private func expectMemory(_ numbers: [Int64], at url: String) async throws {
        let found = try await remembered(at: url)
        #expect(found == numbers)
    }

    /// Empty when nothing was ever remembered.
    private func remembered(at url: String) async throws -> [Int64] {
        try await connected(to: url) { connection in
            guard
                try await connection.query("SELECT to_regclass('memory') IS NOT NULL").first?.decode(Bool.self, at: 0)
                    == true
            else { return [] }
            return try await connection.query("SELECT number FROM memory").map { try $0.decode(Int64.self, at: 0) }
        }
    }

    private func connected<Value: Sendable>(
        to url: String, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(
            try PostgresConfiguration(url: url), logger: Logger(label: "test"))
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }
}
