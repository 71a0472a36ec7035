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
        #expect(beyond.status == CommandStatus.unavailable.rawValue && beyond.errors.contains("no version 9999"))
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

    private func downAgain(_ sluice: SluiceUnderTest) async throws {
        let down = try await sluice.run("migrate", "down", "--to", "0", "--yes")
        #expect(down.status == 0 && down.output.contains("reverted 0001_"), "\(down.errors)")
        #expect(try await sluice.run("admit", user).status == CommandStatus.unavailable.rawValue)
    }
}
