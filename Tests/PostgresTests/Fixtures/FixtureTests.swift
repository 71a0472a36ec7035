import Glibc
import Testing

@testable import Postgres
@testable import SluiceTesting

struct FixtureTests {
    /// What a killed test run leaves: the pipe to the watchdog closes while a server still runs, here a frozen one.
    @Test func whatIsLeftRunningIsEnded() async throws {
        let server = try await PostgresServer.start()
        let folder = server.folder
        #expect(access(folder.path, F_OK) == 0)
        await server.suspend()
        await folder.remove()
        #expect(access(folder.path, F_OK) != 0)
        let error = try await Support.postgresError { _ = try await Support.connect(server.url()) }
        #expect(error.code == .connectionFailed)
    }

    @Test func databasesAreCopiesOfTheirTemplate() async throws {
        let server = try await PostgresServer.shared()
        let template = try await server.template("fixture") { url in
            let connection = try await Support.connect(url)
            try await connection.execute("CREATE TABLE t (n int); INSERT INTO t VALUES (1)")
            await connection.close()
        }
        #expect(try await server.template("fixture") { _ in Issue.record("made twice") } == template)
        try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<4 {
                group.addTask {
                    try await server.withDatabase(from: template) { url in
                        let connection = try await Support.connect(url)
                        try await connection.query("INSERT INTO t VALUES (\(Int32(number)))")
                        let count = try await connection.query("SELECT count(*) FROM t")
                        #expect(try count[0].decode(Int.self, at: 0) == 2)
                        await connection.close()
                        return url
                    }
                }
            }
            let urls = try await group.reduce(into: Set<String>()) { $0.insert($1) }
            #expect(urls.count == 4)
        }
    }

    @Test func dataSurvivesARestartAndAKill() async throws {
        try await PostgresServer.with(.init(fsync: true)) { server in
            try await server.administer("CREATE TABLE t (n int)")
            try await server.administer("INSERT INTO t VALUES (1)")
            try await server.restart(.fast)
            try await server.administer("INSERT INTO t VALUES (2)")
            await server.kill()
            try await server.start()
            #expect(try await server.administer("SELECT * FROM t").count == 2)
        }
    }

    @Test func aMissingProgramIsNamedWithItsRemedy() {
        let error = #expect(throws: FixtureError.self) { try Executables.path(of: "nosuch", package: "postgresql") }
        #expect(error?.description.contains("apt-get install postgresql") ?? false)
    }
}
