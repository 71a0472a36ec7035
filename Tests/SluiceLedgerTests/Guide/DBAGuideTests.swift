import SluiceTesting
import Testing

/// What `docs/dba.md` says to run runs, as the role that it names, and answers.
@Suite(.timeLimit(.minutes(10))) struct DBAGuideTests {
    @Test func everyStatementRuns() async throws {
        let blocks = try GuideBlock.all(in: "dba.md")
        #expect(blocks.count > 30)
        try await GuideWorld.with { world in
            for block in blocks {
                do {
                    let answer = try await world.psql(block.sql, as: block.role)
                    let isEmpty = answer.contains("(0 rows)")
                    switch block.answer {
                    case .rows: #expect(!isEmpty && !answer.isEmpty, "\(block)")
                    case .nothing: #expect(isEmpty, "\(block)\(answer)")
                    case .anything: break
                    }
                } catch let error as GuideError {
                    Issue.record("\(block)\(error)")
                }
            }
        }
    }

    /// "pg_dump takes all of it".
    @Test func aRestoredDumpGoesOn() async throws {
        try await GuideWorld.with { world in
            let before = try await world.psql("SELECT * FROM sluice.ledger_calls", as: .auditor)
            let restored = try await world.server.createDatabase()
            let folder = try ScratchFolder.make()
            do {
                try await GuideWorld.run(
                    "pg_dump", "-n", "sluice", "-Fc", "-f", "\(folder.path)/dump", world.url(.superuser))
                try await GuideWorld.run(
                    "pg_restore", "--exit-on-error", "-d", world.server.url(database: restored), "\(folder.path)/dump")
            } catch {
                await folder.remove()
                throw error
            }
            await folder.remove()
            let copy = GuideWorld(
                server: world.server, database: restored, user: world.user, call: world.call, key: world.key,
                month: world.month)
            #expect(try await copy.psql("SELECT * FROM sluice.ledger_calls", as: .auditor) == before)
            // Five calls are in the window.
            let decisions = try await copy.psql(
                "SELECT (SELECT outcome FROM sluice.admit(:'user', 1, 6)), (SELECT outcome FROM sluice.admit(:'user', 1, 6));",
                as: .app)
            #expect(decisions.contains("admitted | refused"), "\(decisions)")
        }
    }
}
