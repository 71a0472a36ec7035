import Glibc
import Testing

@testable import SluiceCLI

/// The commands on a real database, from an empty one on.
@Suite("Commands on the embedded PostgreSQL", .timeLimit(.minutes(10)))
struct DatabaseCommandTests {
    private let user = UpBanner.user

    @Test("From nothing to a refusal, with the doctor looking on")
    func story() async throws {
        try await withTemporaryFolder { folder in
            var sluice = SluiceUnderTest()
            sluice.environment = [
                "SLUICE_DATA_DIR": folder, "LLM_RATE_LIMIT_REQUESTS": "2", "LLM_RATE_LIMIT_WINDOW": "3600",
            ]
            try await sluice.running(["postgres"]) { running in
                _ = try await running.line(beginning: "ready ")
                try await emptyDatabase(sluice)
                try await migrations(sluice)
                try await decisions(sluice)
                try await keys(sluice)
                try await prices(sluice)
                try await downAgain(sluice)
                running.send(SIGTERM)
            }
        }
    }

    private func emptyDatabase(_ sluice: SluiceUnderTest) async throws {
        let doctor = try await sluice.run("doctor")
        #expect(doctor.status == CommandStatus.checkFailed.rawValue)
        #expect(doctor.output.contains("fail  schema: there is none\n      → run `sluice migrate up`"))
        let admit = try await sluice.run("admit", user)
        #expect(admit.status == CommandStatus.unavailable.rawValue)
        #expect(admit.errors.contains("sluice migrate up"))
        #expect(try await sluice.run("migrate", "status").status == CommandStatus.checkFailed.rawValue)
    }

    private func migrations(_ sluice: SluiceUnderTest) async throws {
        let first = try await sluice.run("migrate", "up")
        #expect(first.status == 0 && first.output.contains("applied 0001_"))
        #expect(try await sluice.run("migrate", "up").output == "nothing to do\n")
        let status = try await sluice.run("migrate", "status", "--json")
        #expect(status.status == 0 && status.output.contains(#""version":1"#))
        let beyond = try await sluice.run("migrate", "up", "--to", "9999")
        #expect(beyond.status == CommandStatus.usage.rawValue && beyond.errors.contains("no version 9999"))
        let doctor = try await sluice.run("doctor", "--json")
        #expect(doctor.status == 0, "\(doctor.output)")
        #expect(!doctor.output.contains(#""verdict":"fail""#))
    }

    private func decisions(_ sluice: SluiceUnderTest) async throws {
        let never = try await sluice.run("admit", user, "--weight", "3")
        #expect(never.status == CommandStatus.neverFits.rawValue && never.output.hasPrefix("never_fits"))
        let id = "01890a5d-ac96-774b-bcce-b302099a8057"
        let first = try await sluice.run("admit", user, "--call-id", id, "--json")
        #expect(first.status == 0 && first.output.contains(#""outcome":"admitted""#))
        let again = try await sluice.run("admit", user, "--call-id", id, "--json")
        #expect(again.status == 0 && again.output.contains(#""outcome":"replayed""#))
        #expect(try await sluice.run("admit", user).status == 0)
        let refused = try await sluice.run("admit", user)
        #expect(refused.status == CommandStatus.refused.rawValue)
        #expect(refused.output.hasPrefix("refused") && refused.output.contains("  retry in "))
        let peek = try await sluice.run("peek", user, "--json")
        #expect(peek.status == 0 && peek.output.contains(#""outcome":"would_be_refused""#))
    }

    private func keys(_ sluice: SluiceUnderTest) async throws {
        let made = try await sluice.run(
            "keys", "create", "--user", user, "--role", "agent", "--name", "laptop", "--expires", "30")
        let lines = made.output.split(separator: "\n")
        #expect(made.status == 0 && lines.count == 1, "\(made.errors)")
        let secret = try #require(lines.first)
        #expect(secret.hasPrefix("sk_sluice_") && secret.count == 48)
        #expect(!made.errors.contains(secret))
        let list = try await sluice.run("keys", "list", "--user", user, "--json")
        #expect(list.output.contains(#""role":"agent""#) && list.output.contains(#""name":"laptop""#))
        #expect(!list.output.contains(secret))
        let id = try #require(made.errors.split(separator: " ").dropFirst(2).first)
        #expect(try await sluice.run("keys", "revoke", String(id), "--json").output.contains(#""revoked_at":""#))
        // The key itself is no id, and is not repeated.
        let mistaken = try await sluice.run("keys", "revoke", String(secret))
        #expect(mistaken.status == CommandStatus.usage.rawValue && !mistaken.errors.contains(secret))
        for (arguments, words) in [
            (["--user", "me", "--role", "agent"], "user \"me\" is not a UUID"),
            (["--user", user, "--role", "agnet"], "did you mean agent?"),
            (["--user", user, "--role", "agent", "--expires", "0"], "expires 0 is out of range"),
            (["--user", user, "--role", "agent", "--name", ""], "name has 0 characters"),
        ] {
            let wrong = try await sluice.run(["keys", "create"] + arguments)
            #expect(wrong.status == CommandStatus.usage.rawValue && wrong.errors.contains(words), "\(wrong.errors)")
        }
    }

    private func prices(_ sluice: SluiceUnderTest) async throws {
        let set = try await sluice.run(
            "prices", "set", "gpt-4o*", "--input", "2.50", "--cached", "0.0375", "--output", "10")
        #expect(set.status == 0, "\(set.errors)")
        let list = try await sluice.run("prices", "list", "--json")
        #expect(
            list.output
                == #"[{"cache_write":2500000000,"cached":37500000,"input":2500000000,"model":"gpt-4o*","output":10000000000}]"#
                + "\n")
        let wrong = try await sluice.run("prices", "set", "gpt", "--input", "-1", "--output", "1")
        #expect(wrong.status == CommandStatus.usage.rawValue)
        let twice = try await sluice.run("prices", "set", "g*t*", "--input", "1", "--output", "1")
        #expect(twice.status == CommandStatus.usage.rawValue && twice.errors.contains("use a * at its end only"))
    }

    private func downAgain(_ sluice: SluiceUnderTest) async throws {
        let down = try await sluice.run("migrate", "down", "--to", "0", "--yes")
        #expect(down.status == 0 && down.output.contains("reverted 0001_"), "\(down.errors)")
        #expect(try await sluice.run("admit", user).status == CommandStatus.unavailable.rawValue)
    }
}
