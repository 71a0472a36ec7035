import ArgumentParser
import SluicePostgres

/// What `up` and `down` have in common.
struct StepOptions: ParsableArguments {
    @Flag(help: "Run nothing; say what would be run, and which locks it takes.") var dryRun = false
    @Flag(name: .customLong("print-sql"), help: "Run nothing; print the SQL for psql, with the records.")
    var printSQL = false
    @Option(
        help: ArgumentHelp(
            "With --print-sql or --dry-run: the version to begin at, without asking a database.", valueName: "version"))
    var from: Int?
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var patience: MigratorOptions

    func validate() throws {
        guard from == nil || dryRun || printSQL else {
            throw ValidationError("--from is for --print-sql and --dry-run: a database knows its version")
        }
        guard !(dryRun && printSQL) else { throw ValidationError("--dry-run and --print-sql: choose one") }
        guard !(json && printSQL) else { throw ValidationError("--json and --print-sql: SQL is no JSON") }
    }

    /// Runs, or shows what would be run.
    func run(
        _ direction: MigrationDirection, to target: Int?, _ settings: SettingOptions
    ) async throws -> CommandStatus {
        if dryRun || printSQL {
            Terminal.print(try await preview(direction, to: target, settings))
            return .success
        }
        let (json, word) = (json, direction == .up ? "applied" : "reverted")
        let taken = try await settings.withMigrator(patience.migratorSettings) { migrator throws(MigrationError) in
            let tell: @Sendable (Migration) -> Void = { if !json { Terminal.print("\(word) \($0)") } }
            return switch direction {
            case .up: try await migrator.up(to: target, whenTaken: tell)
            case .down: try await migrator.down(to: target, whenTaken: tell)
            }
        }
        if json { Terminal.print(try JSONText.encode(MigrationOutcome(taken, direction))) }
        if !json, taken.isEmpty { Terminal.print("nothing to do") }
        return .success
    }

    private func preview(
        _ direction: MigrationDirection, to target: Int?, _ settings: SettingOptions
    ) async throws -> String {
        let current: Int
        if let from {
            current = from
        } else {
            current = try await settings.withMigrator { migrator throws(MigrationError) in
                try await migrator.plan()
            }.current
        }
        let steps: [Migration]
        do throws(MigrationError) {
            steps = try Migration.steps(direction, from: current, to: target)
        } catch {
            throw CommandError(error)
        }
        guard printSQL else { return try MigrationPreview(steps, direction, from: current).text(isJSON: json) }
        return MigrationPrintout(steps, direction, from: current, lockTimeout: patience.lockTimeout.duration).text
    }
}
