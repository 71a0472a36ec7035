import Foundation
import Glibc
import SluiceCore
import SluiceJournal
import SluiceTesting
import Testing

@testable import SluiceCLI

/// The commands on real segments, and on a real database where it needs one.
@Suite("sluice journal", .timeLimit(.minutes(10)))
struct JournalCommandTests {
    @Test("From calls that wait to rows, once each")
    func story() async throws {
        try await PostgresServer.shared().withMigratedDatabase { url in
            try await withJournal(of: 3) { sluice, folder in
                let list = try await sluice.run("journal", "list")
                #expect(list.status == 0 && list.output.contains(" waiting  3 "), "\(list.output)\(list.errors)")
                let segment = try #require(try segments(in: folder).first)
                let inspection = try await sluice.run("journal", "inspect", segment)
                #expect(inspection.status == 0)
                #expect(inspection.output.matches(of: #/\{"admitted_at":"20[^}]*"model":"m"[^}]*\}\n/#).count == 3)
                #expect(try await sluice.run("journal", "verify").output == "ok      \(segment): 3 records\n")
                let dry = try await sluice.run("journal", "replay", "--dry-run", "--database-url", url)
                #expect(dry.status == 0 && dry.output == "would bring 3\n")
                let replay = try await sluice.run("journal", "replay", "--database-url", url)
                #expect(replay.status == 0, "\(replay.errors)")
                #expect(replay.output == "recorded 3, known already 0, rejected 0\n")
                #expect(try await sluice.run("journal", "replay", "--database-url", url).output == "nothing to bring\n")
                #expect(try await sluice.run("journal", "list").output == "the journal is empty\n")
                let owner = TestRole.superuser.url(like: url)
                let rows = try await shell(
                    "psql '\(owner)' -Atc \"SELECT count(*), min(mode::text) FROM sluice.calls\"")
                #expect(rows == "3|unchecked\n")
            }
        }
    }

    @Test("What was brought before is known; what a running replica holds is left to it")
    func knownAndHeld() async throws {
        try await PostgresServer.shared().withMigratedDatabase { url in
            try await withJournal(of: 2) { sluice, folder in
                let segment = try #require(try segments(in: folder).first)
                let copy = try Data(contentsOf: URL(filePath: "\(folder)/\(segment)"))
                _ = try await sluice.run("journal", "replay", "--database-url", url)
                try copy.write(to: URL(filePath: "\(folder)/\(segment)"))
                let other = try Journal(JournalSettings(directory: folder))
                defer { other.close() }
                // The other journal has taken the copy over.
                let left = try await sluice.run("journal", "replay", "--database-url", url, "--json")
                #expect(left.status == 0 && left.output == #"{"held":2,"left":0,"waiting":0}"# + "\n", "\(left.output)")
                other.close()
                let again = try await sluice.run("journal", "replay", "--database-url", url, "--json")
                #expect(again.output.contains(#""outcome":{"known":2,"recorded":0,"rejected":0}"#), "\(again.output)")
            }
        }
    }

    @Test("Damage is found, with its place")
    func damage() async throws {
        try await withJournal(of: 3) { sluice, folder in
            let segment = try #require(try segments(in: folder).first)
            var bytes = try Data(contentsOf: URL(filePath: "\(folder)/\(segment)"))
            bytes[bytes.count / 2] ^= 1
            try bytes.write(to: URL(filePath: "\(folder)/\(segment)"))
            let verify = try await sluice.run("journal", "verify")
            #expect(verify.status == CommandStatus.checkFailed.rawValue)
            #expect(verify.output.contains("damaged \(segment)") && verify.output.contains("record at offset "))
            let inspection = try await sluice.run("journal", "inspect", segment)
            #expect(inspection.status == CommandStatus.checkFailed.rawValue && inspection.errors.contains("at offset "))
        }
    }

    @Test("A database that is away leaves everything where it is")
    func databaseAway() async throws {
        try await withJournal(of: 2) { sluice, _ in
            let replay = try await sluice.run("journal", "replay", "--database-url", "postgres://127.0.0.1:1/d")
            #expect(replay.status == CommandStatus.unavailable.rawValue && replay.errors.contains("the database"))
            #expect(try await sluice.run("journal", "list").output.contains(" waiting  2 "))
        }
    }

    @Test("A wrong directory or segment is named")
    func wrongNames() async throws {
        try await withJournal(of: 1) { sluice, _ in
            let directory = try await sluice.run("journal", "list", "--journal-dir", "/nowhere/journal")
            #expect(directory.status == CommandStatus.unavailable.rawValue)
            #expect(directory.errors.contains("/nowhere/journal") && directory.errors.contains("SLUICE_JOURNAL_DIR"))
            for name in ["nothing", "../x.sluice-journal"] {
                let segment = try await sluice.run("journal", "inspect", name)
                #expect(segment.status == CommandStatus.usage.rawValue && segment.errors.contains("\"\(name)\""))
            }
        }
    }

    /// Lends the program and a journal with so many calls that its process has left.
    private func withJournal(of calls: Int, _ body: (SluiceUnderTest, String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let directory = "\(folder)/journal"
            let journal = try Journal(JournalSettings(directory: directory))
            let time = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
            for _ in 0..<calls {
                var generator = SystemRandomNumberGenerator()
                let call = try Call(
                    user: .fresh(), id: .version7(at: time, using: &generator), isIDSupplied: false, weight: 1,
                    model: "m")
                let outcome = await journal.record(
                    UncheckedCall(call, admittedAt: time, policyID: 1), cause: StoreError(.unavailable, "gone"))
                #expect(outcome == .recorded)
            }
            journal.close()
            try await body(SluiceUnderTest(environment: ["SLUICE_JOURNAL_DIR": directory]), directory)
        }
    }

    private func segments(in folder: String) throws -> [String] {
        try JournalDirectory(folder).segments().map(\.name)
    }
}
