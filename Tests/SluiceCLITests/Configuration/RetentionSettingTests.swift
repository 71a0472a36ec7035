import SluicePostgres
import Testing

@testable import SluiceCLI

@Suite("Settings of partitions and retention")
struct RetentionSettingTests {
    @Test func defaults() throws {
        #expect(try load().partitions == PartitionPlan(unit: .day, daysAhead: 14, retention: .standard))
    }

    @Test func nothingLeaves() throws {
        #expect(try load(environment: ["SLUICE_RETENTION_DAYS": "0"]).partitions.retention == nil)
    }

    @Test func everything() throws {
        let plan = try load(environment: [
            "SLUICE_PARTITION_BY": "month", "SLUICE_RETENTION_DAYS": "40", "SLUICE_RETENTION_ACTION": "export",
            "SLUICE_RETENTION_EXPORT_DIR": "ledger",
        ]).partitions
        #expect(plan.unit == .month)
        #expect(plan.retention == RetentionRule(days: 40, action: .export, exportFolder: "/srv/ledger"))
    }

    /// What has left is no longer counted, so that a longer window would admit too much.
    @Test func noShorterThanTheWindow() throws {
        var environment = ["LLM_RATE_LIMIT_WINDOW": "\(40 * 86_400)", "SLUICE_RETENTION_DAYS": "41"]
        let problem = problems(environment: environment).first
        #expect(problem?.key == "SLUICE_RETENTION_DAYS" && problem?.reason.contains("use 42 or more") == true)
        environment["SLUICE_RETENTION_DAYS"] = "42"
        #expect(problems(environment: environment).isEmpty)
    }
}
