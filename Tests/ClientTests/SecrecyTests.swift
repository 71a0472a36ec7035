import Foundation
import SluiceCore
import SluiceTesting
import Testing

/// Nothing that is a secret, or that people said, is in the log or in the database.
@Suite(.timeLimit(.minutes(10))) struct SecrecyTests {
    private static let question = "canary-question-7d1c"
    private static let answer = "wörd1"
    private static let named = "canary-idempotency-11ab"

    @Test func keysAndWordsAreNowhere() async throws {
        try await withWorld(limit: 9, [["SLUICE_LOG_LEVEL": "trace"]]) { world in
            let user = UserID.fresh()
            let (key, token) = (try await world.key(of: user, .admin), Token.make(user, .operator))
            let bad = Token.make(user, .operator, secret: "another-secret-of-32-bytes-or-so-0123")
            let steps: [SDK.Step] = [
                chat("scripted"), chat("scripted-status500-echo"), chat("scripted-status401-echo"),
                chat("scripted-cut1"),
            ]
            _ = try await world.sdk(.openAI, key: key, retries: 0).run(steps)
            for credential in [key, token, bad] {
                try await world.calling(as: credential) { caller in
                    _ = try await caller.chat("scripted", ["Idempotency-Key": Self.named])
                    _ = try await caller.triage(Self.question, ["context": .string(Self.question)])
                    _ = try await caller.post(
                        "/v1/keys", ["user": .string("\(user)"), "role": "agent", "name": "made"])
                    _ = try await caller.get("/v1/models/\(Self.question)?q=\(Self.question)")
                }
            }
            let rows = try await world.settledLedger(8)
            #expect(rows.count { $0["status"].integer == 200 } == 6, "all but the provider's two errors")
            let log = try String(contentsOfFile: world.replicas[0].logFile, encoding: .utf8)
            #expect(log.contains("request answered"), "it is a log that tells much")
            let secrets = [
                key, token, bad, World.upstreamKey, Token.secret, ReplicaProcess.serviceKey, Self.question, Self.answer,
                Self.named, "sk_sluice_" + key.dropFirst(10).prefix(12),
            ]
            let database = try await everything(world)
            #expect(database.contains("\(user)"))
            for (index, secret) in secrets.enumerated() {
                // Taken out of the expectation, which would print all of it.
                let isFound = (log: log.contains(secret), database: database.contains(secret))
                #expect(!isFound.log, "secret \(index) is in the log")
                #expect(!isFound.database, "secret \(index) is in the database")
            }
        }
    }

    private func chat(_ model: String) -> SDK.Step {
        SDK.Step(
            call: "chat.completions.create",
            arguments: [
                "model": .string(model), "user": .string(Self.question),
                "messages": [["role": "user", "content": .string(Self.question)]],
            ])
    }

    /// All rows of all tables, as text.
    private func everything(_ world: World) async throws -> String {
        let tables = try await world.rows(
            """
            SELECT c.oid::regclass::text AS name FROM pg_class AS c
            WHERE c.relnamespace = 'sluice'::regnamespace AND c.relkind = 'r'
            """)
        var text = ""
        for table in tables.compactMap({ $0["name"].string }) {
            text += try await world.rows("SELECT t::text AS row FROM \(table) AS t").map(\.text).joined(separator: "\n")
        }
        return text
    }
}
