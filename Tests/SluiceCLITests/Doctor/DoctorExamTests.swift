import SluicePostgres
import Testing

@testable import SluiceCLI

@Suite("The doctor's judgement")
struct DoctorExamTests {
    static let healthy: DatabaseFacts = {
        var facts = DatabaseFacts()
        facts.serverVersion = 150_018
        facts.isLocal = true
        facts.role = "sluice"
        facts.connectionLimit = 97
        facts.connectionsInUse = 5
        facts.clockUncertainty = 0.2
        facts.schema = .current(version: 3)
        facts.roles = RoleFacts()
        facts.partitions = PartitionSummary(daysBack: 3, daysAhead: 14, partitions: 54, bytes: 81_920, unfinished: 0)
        return facts
    }()

    struct Case: CustomTestStringConvertible {
        let name: String
        let verdict: DoctorCheck.Verdict
        let words: String
        let change: @Sendable (inout DatabaseFacts) -> Void

        var testDescription: String { "\(name): \(words)" }

        init(
            _ name: String, _ verdict: DoctorCheck.Verdict, _ words: String,
            _ change: @escaping @Sendable (inout DatabaseFacts) -> Void
        ) {
            self.name = name
            self.verdict = verdict
            self.words = words
            self.change = change
        }
    }

    static let cases = [
        Case("version", .fail, "PostgreSQL 12.9") { $0.serverVersion = 120_009 },
        Case("version", .ok, "PostgreSQL 13.0") { $0.serverVersion = 130_000 },
        Case("writes", .fail, "read-only") { $0.isReadOnly = true },
        Case("isolation", .fail, "repeatable read") { $0.isolation = "repeatable read" },
        Case("durability", .fail, "fsync off") { $0.fsync = false },
        Case("durability", .fail, "full_page_writes off") { $0.fullPageWrites = false },
        Case("durability", .warn, "synchronous_commit off") { $0.synchronousCommit = "off" },
        Case("durability", .ok, "synchronous_commit remote_apply") { $0.synchronousCommit = "remote_apply" },
        Case("encryption", .warn, "in the clear") { $0.isLocal = false },
        Case("encryption", .ok, "encrypted") { ($0.isLocal, $0.isEncrypted) = (false, true) },
        Case("role", .warn, "superuser") { $0.isSuperuser = true },
        Case("role", .warn, "what the schema's owner sluice_owner may") { $0.roles?.isOwner = true },
        Case("role", .warn, "may write to calls, prices") { $0.roles?.writableTables = ["calls", "prices"] },
        Case("roles", .warn, "no role sluice_audit") { $0.roles?.missingRoles = ["sluice_audit"] },
        Case("pooler", .ok, "session mode") { $0.pooler = .session },
        Case("pooler", .warn, "transaction mode") { $0.pooler = .transaction },
        Case("connections", .warn, "94 of 97") { $0.connectionsInUse = 94 },
        Case("connections", .ok, "93 of 97") { $0.connectionsInUse = 93 },
        Case("clock", .warn, "is 3600000.0 ms ahead") { $0.clockOffset = 3_600_000 },
        Case("clock", .warn, "is -1500.0 ms ahead") { $0.clockOffset = -1_500 },
        Case("clock", .ok, "is 1500.0 ms ahead") { ($0.clockOffset, $0.clockUncertainty) = (1_500, 600) },
        Case("schema", .fail, "there is none") { $0.schema = .absent },
        Case("schema", .fail, "at version 2, this program wants 3") { $0.schema = .behind(version: 2, wanted: 3) },
        Case("schema", .fail, "was changed") { $0.schema = .wrong("migration 0001 was changed") },
        Case("privileges", .fail, "may not execute admit_user, peek_user") {
            $0.roles?.forbiddenFunctions = ["admit_user", "peek_user"]
        },
        Case("privileges", .warn, "every role of the server may use a, b, c and 1 more") {
            $0.roles?.openToAll = ["a", "b", "c", "d"]
        },
        Case("privileges", .warn, "sluice_audit may not read spend_daily") {
            $0.roles?.hiddenViews = ["spend_daily"]
        },
        Case("partitions", .warn, "no partition for today") { $0.partitions?.daysAhead = -1 },
        Case("partitions", .warn, "13 days ahead; 54 with 81920 bytes; 14 days ahead are wanted") {
            $0.partitions?.daysAhead = 13
        },
        Case("partitions", .ok, "20 days ahead") { $0.partitions?.daysAhead = 20 },
        Case("partitions", .warn, "2 on their way out") { $0.partitions?.unfinished = 2 },
    ]

    @Test("All is well")
    func allIsWell() {
        let checks = DoctorExam(facts: Self.healthy, poolSize: 4, partitionsAhead: 14).checks
        #expect(checks.count == 13)
        #expect(checks.allSatisfy { $0.verdict == .ok && $0.remedy == nil }, "\(checks)")
    }

    @Test("One thing at a time", arguments: cases)
    func oneThing(_ example: Case) throws {
        var facts = Self.healthy
        example.change(&facts)
        let checks = DoctorExam(facts: facts, poolSize: 4, partitionsAhead: 14).checks
        let check = try #require(checks.first { $0.name == example.name })
        #expect(check.verdict == example.verdict)
        #expect(check.finding.contains(example.words), "\(check.finding)")
        #expect((check.remedy == nil) == (example.verdict == .ok))
        #expect(checks.allSatisfy { $0 == check || $0.verdict == .ok })
    }

    @Test("One account for everything is what an embedded database has")
    func embedded() {
        var facts = Self.healthy
        facts.roles?.isOwner = true
        let exam = DoctorExam(facts: facts, poolSize: 4, partitionsAhead: 14, isEmbedded: true)
        #expect(exam.checks.allSatisfy { $0.verdict == .ok })
    }

    @Test("Without a schema there is nothing to say of what is in it")
    func noSchema() {
        var facts = Self.healthy
        facts.schema = .absent
        facts.roles = nil
        facts.partitions = nil
        let names = DoctorExam(facts: facts, poolSize: 4, partitionsAhead: 14).checks.map(\.name)
        #expect(names.contains("schema") && !names.contains("partitions"))
        #expect(!names.contains("privileges") && !names.contains("roles"))
    }
}
