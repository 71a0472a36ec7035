import Foundation
import Logging
import Postgres
import SluiceTesting
import Testing

/// `sluice audit seal`, `verify` and `export`, as a DBA and an outside auditor go through them.
@Suite("sluice audit: seals", .timeLimit(.minutes(10)))
struct AuditSealTests {
    private let sluice = SluiceUnderTest()

    @Test("Sealed, verified, changed, found")
    func verify() async throws {
        try await PostgresServer.shared().withMigratedDatabase { url in
            try await fill(url)
            let auditor = TestRole.auditor.url(like: url)
            let sealed = try await sluice.run(
                "audit", "seal", "--until", "2025-03-11", "--json", "--database-url", url)
            #expect(sealed.status == 0, "\(sealed.errors)")
            let seals = sealed.output.split(separator: "\n")
            #expect(seals.count == 4 && seals.first?.contains(#""rows":30,"seal":1"#) == true, "\(sealed.output)")
            let head = try #require(sealed.output.firstMatch(of: #/"chain":"([0-9a-f]{64})"/#)?.1)
            let nothing = try await sluice.run("audit", "seal", "--until", "2025-03-11", "--database-url", url)
            #expect(nothing.output == "nothing to seal\n")

            let good = try await sluice.run("audit", "verify", "--head", "\(head)", "--database-url", auditor)
            #expect(good.status == 0 && good.output.hasSuffix("Everything is as it was sealed.\n"), "\(good)")
            try await forge("UPDATE sluice.calls SET route = 'x' WHERE call_id = md5('call4')::uuid", url)
            let bad = try await sluice.run("audit", "verify", "--json", "--database-url", auditor)
            #expect(bad.status == 1)
            #expect(
                bad.output.contains(#""day":"2025-03-10""#) && bad.output.contains(#""differs":true"#), "\(bad.output)")
            let other = try await sluice.run(
                "audit", "verify", "--from", "2025-03-11", "--to", "2025-03-12", "--database-url", auditor)
            #expect(other.status == 0, "\(other)")
        }
    }

    @Test("An export verifies without Sluice, and shows a flipped byte", arguments: ["sh", "bash"])
    func export(_ shellName: String) async throws {
        try await PostgresServer.shared().withMigratedDatabase { url in
            try await withTemporaryFolder { folder in
                try await fill(url)
                _ = try await sluice.run("audit", "seal", "--until", "2025-03-11", "--database-url", url)
                let auditor = TestRole.auditor.url(like: url)
                let export = try await sluice.run("audit", "export", "\(folder)/out/april", "--database-url", auditor)
                #expect(export.status == 0, "\(export.errors)")
                let head = try #require(export.output.firstMatch(of: #/chain is ([0-9a-f]{64})/#)?.1)
                let script = "\(folder)/out/april/verify.sh"
                let good = try await shell("\(shellName) \(script) \(head); echo $?")
                #expect(good.hasSuffix("Everything is as it was sealed.\n0\n"), "\(good)")
                let again = try await sluice.run("audit", "export", "\(folder)/out/april", "--database-url", auditor)
                #expect(again.status == 64 && again.errors.contains("name a folder that is empty"), "\(again.errors)")

                let rows = URL(filePath: "\(folder)/out/april/rows/2025-03-10/calls-1-ordered-0.tsv")
                let original = try Data(contentsOf: rows)
                for index in [0, original.count / 2, original.count - 1] {
                    var changed = original
                    changed[index] ^= 1
                    try changed.write(to: rows)
                    let bad = try await shell("\(shellName) \(script); echo $?")
                    #expect(
                        bad.contains("2025-03-10 calls, seal 1: ordered range 0") && bad.hasSuffix("\n1\n"), "\(bad)")
                }
                try original.write(to: rows)
                let other = try await shell("\(shellName) \(script) \(String(repeating: "0", count: 64)); echo $?")
                #expect(other.contains("the chain does not hold") && other.hasSuffix("\n1\n"), "\(other)")
                let seals = URL(filePath: "\(folder)/out/april/seals.tsv")
                let text = try String(contentsOf: seals, encoding: .utf8)
                try text.replacing("\tcalls\t2025-03-11", with: "\tcalls\t2025-03-12").write(
                    to: seals, atomically: true, encoding: .utf8)
                let forged = try await shell("\(shellName) \(script); echo $?")
                #expect(forged.contains("seal 3 was changed"), "\(forged)")
            }
        }
    }

    @Test("Rows that differ are exported and told of")
    func exportOfChangedRows() async throws {
        try await PostgresServer.shared().withMigratedDatabase { url in
            try await withTemporaryFolder { folder in
                try await fill(url)
                _ = try await sluice.run("audit", "seal", "--until", "2025-03-11", "--database-url", url)
                try await forge("DELETE FROM sluice.settlements WHERE call_id = md5('call4')::uuid", url)
                let export = try await sluice.run(
                    "audit", "export", "\(folder)/out", "--from", "2025-03-10", "--to", "2025-03-11", "--database-url",
                    TestRole.auditor.url(like: url))
                #expect(export.status == 1, "\(export)")
                #expect(export.errors.contains("rows/2025-03-10/settlements-2-ordered-0.tsv"), "\(export.errors)")
                let verdict = try await shell("sh \(folder)/out/verify.sh; echo $?")
                #expect(verdict.contains("2025-03-10 settlements, seal 2: ordered range 0"), "\(verdict)")
                #expect(verdict.contains("2 of them compared"), "\(verdict)")
            }
        }
    }

    @Test(
        "What is no day, no chain or no span is refused",
        arguments: [
            ["verify", "--from", "yesterday"], ["verify", "--from", "2025-03-11", "--to", "2025-03-11"],
            ["verify", "--head", "abc"], ["seal", "--until", "2025-02-30"],
        ])
    func badInput(_ arguments: [String]) async throws {
        let result = try await sluice.run(["audit"] + arguments + ["--database-url", "host=/nowhere"])
        #expect(result.status == 64, "\(result)")
        #expect(arguments.last.map(result.errors.contains) == true, "\(result.errors)")
    }

    private func fill(_ url: String) async throws {
        try await forge(
            """
            SELECT sluice.ensure_partitions('2025-03-10', 2);
            INSERT INTO sluice.calls (user_id, admitted_at, call_id, weight, running_total, total_since, policy_id, mode,
                id_supplied, route)
            SELECT md5('user' || n % 3)::uuid, '2025-03-10Z'::timestamptz + n * interval '61 s', md5('call' || n)::uuid, 1,
                CASE WHEN n < 30 THEN n + 1 END, CASE WHEN n < 30 THEN '2025-03-10Z'::timestamptz END, 1,
                (CASE WHEN n < 30 THEN 'enforced' ELSE 'unchecked' END)::sluice.call_mode, false, E'a\\tb\\\\'
            FROM generate_series(0, 34) AS n;
            INSERT INTO sluice.settlements
            SELECT user_id, admitted_at, call_id, admitted_at, 'm', 1, 0, 0, 1, 0, NULL, NULL, 'reported', false, 200, 5, NULL,
                1, 1, 0, admitted_at
            FROM sluice.calls WHERE running_total IS NOT NULL
            """, url)
    }

    /// As a superuser on whom no trigger acts.
    private func forge(_ sql: String, _ url: String) async throws {
        let quiet = Logger(label: "forger") { _ in SwiftLogNoOpLogHandler() }
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(url: TestRole.superuser.url(like: url)), logger: quiet)
        do {
            try await connection.execute("SET session_replication_role = replica; \(sql)")
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
    }
}
