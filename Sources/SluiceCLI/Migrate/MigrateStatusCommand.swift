import ArgumentParser
import HummingbirdSluice
import SluicePostgres

/// `sluice migrate status`
struct MigrateStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show which migrations are applied and which are not.",
        discussion: "Exits with 1 when some are not.")

    @Option(
        help: ArgumentHelp(
            "Wait so long until none is missing, also for a database that is away.", valueName: "duration"))
    var wait: DurationArgument?
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let status = Status(try await plan())
            Terminal.print(try json ? JSONText.encode(status) : status.text)
            return status.isCurrent ? .success : .checkFailed
        }
    }

    /// Asks until nothing is pending or the time is over; then what was found last.
    private func plan() async throws -> MigrationPlan {
        let deadline = ContinuousClock.now + (wait?.duration ?? .zero)
        while true {
            let found: Result<MigrationPlan, any Error>
            do {
                found = .success(
                    try await settings.withMigrator { migrator throws(MigrationError) in try await migrator.plan() })
            } catch let error as CommandError where error.status == .unavailable {
                found = .failure(error)
            }
            if case .success(let plan) = found, plan.pending.isEmpty { return plan }
            guard .now < deadline else { return try found.get() }
            try await Task.sleep(for: .milliseconds(Int64.random(in: 250...750)))
        }
    }

    /// The schema as this command shows it.
    struct Status: Encodable, Equatable {
        /// The version that the database is at.
        let current: Int
        /// The oldest version with which replicas of this program work.
        let needed: Int
        /// The version that this program carries.
        let newest: Int
        let migrations: [MigrationStep]

        init(_ plan: MigrationPlan) {
            current = plan.current
            needed = SchemaVersion.needed
            newest = plan.newest
            migrations =
                plan.applied.map { MigrationStep($0) } + plan.pending.map { MigrationStep($0, .up) }
        }

        var isCurrent: Bool { current == newest }

        var text: String {
            let table = TextTable(
                header: ["version", "migration", "applied"],
                rows: migrations.map { ["\($0.version)", $0.name, $0.appliedAt ?? "no"] })
            return "at version \(current) of \(newest); replicas of this program need \(needed)\n\(table.text)"
        }
    }
}
