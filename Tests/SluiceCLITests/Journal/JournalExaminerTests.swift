import Foundation
import SluiceJournal
import Testing

@testable import SluiceCLI

@Suite("The doctor on the journal")
struct JournalExaminerTests {
    private static func choice(
        _ directory: String = "/j", sync: ProgramConfiguration.JournalChoice.Sync = .fsync
    ) -> ProgramConfiguration.JournalChoice {
        .init(directory: directory, sync: sync, maximumBytes: 1 << 20, whenFull: .admit, replayPercent: 20)
    }

    @Test(
        "The judgement",
        arguments: [
            (JournalFacts(freeBytes: 1 << 30), DoctorCheck.Verdict.ok, "0 waiting"),
            (JournalFacts(problem: "it is a file"), .fail, "/j: it is a file"),
            (JournalFacts(freeBytes: 5), .warn, "5 bytes free"),
            (JournalFacts(freeBytes: 1 << 30, waiting: 7), .warn, "7 waiting"),
            (JournalFacts(freeBytes: 1 << 30, held: 7), .ok, "7 calls held"),
            (JournalFacts(freeBytes: 1 << 30, waiting: 7, setAside: 2), .warn, "2 segments set aside"),
        ])
    func judgement(_ facts: JournalFacts, _ verdict: DoctorCheck.Verdict, _ words: String) {
        let check = DoctorCheck.journal(facts, Self.choice())
        #expect(check.verdict == verdict)
        #expect(check.finding.contains(words), "\(check.finding)")
        #expect((check.remedy == nil) == (verdict == .ok))
    }

    @Test("A folder that is there, one that a replica would make, one that nobody can, and none")
    func folders() async throws {
        try await withTemporaryFolder { folder in
            let journal = try Journal(JournalSettings(directory: "\(folder)/journal"))
            journal.close()
            #expect(JournalExaminer(Self.choice("\(folder)/journal/")).check.verdict == .ok)
            #expect(JournalExaminer(Self.choice("\(folder)/not/yet")).check.verdict == .ok)
            try Data().write(to: URL(filePath: "\(folder)/file"))
            #expect(JournalExaminer(Self.choice("\(folder)/file/journal")).check.verdict == .fail)
            #expect(JournalExaminer(Self.choice(sync: .off)).check.verdict == .warn)
        }
    }
}
