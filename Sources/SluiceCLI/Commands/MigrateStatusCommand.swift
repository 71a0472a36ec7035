import ArgumentParser
import HummingbirdSluice
import SluicePostgres

/// `sluice migrate status`
struct MigrateStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show which migrations are applied and which are not.",
        discussion: "Exits with 1 when some are not.")

    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let plan = try await settings.withMigrator { migrator throws(MigrationError) in try await migrator.plan() }
            let steps = Self.steps(of: plan)
            Terminal.print(try json ? JSONText.encode(steps) : Self.table(steps))
            return plan.pending.isEmpty ? .success : .checkFailed
        }
    }

    /// One migration as this command shows it.
    struct Step: Encodable, Equatable {
        let version: Int
        let name: String
        /// RFC 3339; absent for one that is not applied.
        let appliedAt: String?

        enum CodingKeys: String, CodingKey {
            case version, name
            case appliedAt = "applied_at"
        }
    }

    private static func steps(of plan: MigrationPlan) -> [Step] {
        plan.applied.map { Step(version: $0.version, name: $0.name, appliedAt: $0.appliedAt.rfc3339) }
            + plan.pending.map { Step(version: $0.version, name: $0.name, appliedAt: nil) }
    }

    private static func table(_ steps: [Step]) -> String {
        TextTable(
            header: ["version", "migration", "applied"],
            rows: steps.map { ["\($0.version)", $0.name, $0.appliedAt ?? "no"] }
        ).text
    }
}
