import Postgres
import SluicePostgres
import SluiceTesting
import Testing

@testable import SluiceCLI

@Suite("migrate, its answers and its exit codes", .timeLimit(.minutes(10)))
struct MigrateCommandTests {
    @Test("A dry run changes nothing and says what it would")
    func dryRun() async throws {
        try await PostgresServer.shared().withDatabase(as: .migrator) { url in
            let sluice = SluiceUnderTest(environment: ["DATABASE_URL": url])
            let plan = try await sluice.run("migrate", "plan", "--to", "2")
            #expect(plan.status == 0 && plan.output.hasPrefix("from version 0 up to 2\n"), "\(plan.errors)")
            #expect(plan.output.contains("none that anybody waits for"))
            #expect(try await sluice.run("migrate", "up", "--to", "2", "--dry-run").output == plan.output)
            #expect(try await sluice.run("migrate", "status").status == CommandStatus.checkFailed.rawValue)
            let up = try await sluice.run("migrate", "up", "--to", "2", "--json")
            #expect(up.output.hasPrefix(#"{"direction":"up","steps":[{"locks":""#), "\(up.output)")
            let down = try await sluice.run("migrate", "down", "--dry-run", "--json")
            #expect(down.output.hasPrefix(#"{"direction":"down","from":2,"steps":[{"#), "\(down.output)")
            #expect(down.output.contains(#""to":1}"#))
            let status = try await sluice.run("migrate", "status", "--json")
            #expect(status.output.hasPrefix(#"{"current":2,"migrations":[{"applied_at":""#), "\(status.output)")
            #expect(status.output.contains(#""needed":\#(SchemaVersion.needed),"newest":\#(SchemaVersion.newest)}"#))
        }
    }

    @Test("status waits until somebody has migrated")
    func waits() async throws {
        try await PostgresServer.shared().withDatabase(as: .migrator) { url in
            let sluice = SluiceUnderTest(environment: ["DATABASE_URL": url])
            async let waiting = sluice.run("migrate", "status", "--wait", "5min")
            let up = try await sluice.run("migrate", "up")
            let waited = try await waiting
            #expect(up.status == 0 && waited.status == 0, "\(up.errors)\(waited.errors)")
        }
    }

    @Test("A schema that was changed by hand fails the check and names the remedy")
    func history() async throws {
        try await PostgresServer.shared().withMigratedDatabase(as: .migrator) { url in
            let sluice = SluiceUnderTest(environment: ["DATABASE_URL": url])
            try await connected(url) { connection in
                try await connection.execute(
                    "SET ROLE sluice_owner; UPDATE sluice.migrations SET checksum = 'x' WHERE version = 2")
            }
            for command in ["up", "status", "plan", "verify", "repair"] {
                let result = try await sluice.run("migrate", command)
                #expect(result.status == CommandStatus.checkFailed.rawValue, "\(command)")
                #expect((result.output + result.errors).contains("--accept-checksum 2"), "\(command)")
            }
            #expect(try await sluice.run("migrate", "repair", "--accept-checksum", "2").status == 0)
            let verified = try await sluice.run("migrate", "verify", "--json")
            #expect(
                verified.output
                    == #"{"current":\#(SchemaVersion.newest),"findings":[],"newest":\#(SchemaVersion.newest)}"# + "\n")
        }
    }

    @Test("Another migrator, and a pooler")
    func inTheWay() async throws {
        let server = try await PostgresServer.shared()
        try await server.withDatabase(as: .migrator) { url in
            try await connected(url) { other in
                try await other.execute("SELECT pg_advisory_lock(1936485737, 0)")
                let busy = try await SluiceUnderTest(environment: ["DATABASE_URL": url])
                    .run("migrate", "up", "--wait", "1ms")
                #expect(busy.status == CommandStatus.tryAgain.rawValue && busy.errors.contains("another migrator"))
            }
            let name = try #require(try PostgresConfiguration(url: url).database)
            let bouncer = try await PgBouncerServer.start(before: server)
            let pooled = try await SluiceUnderTest(
                environment: ["DATABASE_URL": bouncer.url(database: name, user: "migrator")]
            ).run("migrate", "up")
            await bouncer.remove()
            #expect(pooled.status == CommandStatus.configuration.rawValue && pooled.errors.contains("directly"))
        }
    }

    @Test(
        "Lengths of time",
        arguments: [("250ms", 250), ("2s", 2_000), ("5min", 300_000), ("1h", 3_600_000), ("0s", 0)])
    func durations(_ text: String, _ milliseconds: Int) {
        #expect(DurationArgument(argument: text)?.duration == .milliseconds(milliseconds))
    }

    @Test(
        "What is no length of time",
        arguments: ["", "5", "s", "-1s", "1.5s", "1 s", "1d", "999999999999h", "9999999h"])
    func noDurations(_ text: String) {
        #expect(DurationArgument(argument: text) == nil)
    }

    @Test(
        "Options that make no sense",
        arguments: [
            ["up", "--from", "1"], ["up", "--dry-run", "--print-sql"], ["up", "--json", "--print-sql"],
            ["up", "--lock-timeout", "0ms"], ["up", "--lock-timeout", "2h"], ["up", "--wait", "5"],
        ])
    func usage(_ arguments: [String]) async throws {
        #expect(try await SluiceUnderTest().run(["migrate"] + arguments).status == CommandStatus.usage.rawValue)
    }
}
