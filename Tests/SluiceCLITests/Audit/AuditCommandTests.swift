import SluiceTesting
import Testing

@testable import SluiceCLI

/// `sluice audit` as a member of `sluice_audit`, and as others who may not.
@Suite(.timeLimit(.minutes(10))) struct AuditCommandTests {
    private let user = "11111111-2222-4333-8444-555555555555"

    @Test("All reports in all formats, and what is wrong with the others")
    func story() async throws {
        let server = try await PostgresServer.shared()
        try await server.withMigratedDatabase { url in
            let replica = SluiceUnderTest(environment: ["DATABASE_URL": url])
            for _ in 0..<2 { #expect(try await replica.run("admit", user).status == 0) }
            let refused = try await replica.run("audit", "spend")
            #expect(refused.status == CommandStatus.unavailable.rawValue)
            #expect(refused.errors.contains("member of sluice_audit"))
            try await reports(SluiceUnderTest(environment: ["DATABASE_URL": TestRole.auditor.url(like: url)]))
        }
    }

    private func reports(_ sluice: SluiceUnderTest) async throws {
        let spend = try await sluice.run("audit", "spend", "--by", "user", "--format", "csv")
        #expect(spend.status == 0, "\(spend.errors)")
        #expect(spend.output.hasPrefix("user_id,calls,weight,") && spend.output.contains("\r\n\(user),2,2,0,0,0,0,"))
        let commands = [
            ["spend", "--by", "day", "--timezone", "Asia/Kathmandu"], ["spend", "--by", "key", "--user", user],
            ["top", "--limit", "3"], ["user", user], ["refusals", "--by", "hour"], ["outages", "--from", "2026-01-01"],
        ]
        for command in commands {
            for format in AuditFormat.allCases {
                let done = try await sluice.run(["audit"] + command + ["--format", format.rawValue])
                #expect(done.status == 0, "\(command) \(format): \(done.errors)")
                #expect(!done.output.isEmpty)
            }
        }
        let about = try await sluice.run("audit", "user", user)
        #expect(about.output.contains("user \(user)") && about.output.contains("API keys:\nnone"))
        try await mistakes(sluice)
    }

    private func mistakes(_ sluice: SluiceUnderTest) async throws {
        let wrong: [([String], String)] = [
            (["spend", "--timezone", "Europe/Berlni"], "did you mean Europe/Berlin?"),
            (["spend", "--from", "2026-11-02", "--to", "2026-11-01"], "not after its beginning"),
            (["spend", "--from", "soon"], "--from \"soon\""), (["top", "--by", "day"], "sluice audit spend"),
            (["user", "me"], "\"me\" is not a UUID"), (["outages", "--limit", "0"], "--limit 0"),
        ]
        for (arguments, reason) in wrong {
            let done = try await sluice.run(["audit"] + arguments)
            #expect(done.status == CommandStatus.usage.rawValue, "\(arguments)")
            #expect(done.errors.contains(reason), "\(done.errors)")
        }
    }
}
