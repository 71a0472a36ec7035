import ArgumentParser
import Logging
import Postgres
import SluicePostgres

/// `sluice doctor`
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check the database and the journal, and say what to do about what is wrong.",
        discussion: "Exits with 1 when a check fails; a warning is no failure.")

    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let configuration = try settings.load().configuration
            let checks = await Self.examine(configuration) + [JournalExaminer(configuration.journal).check]
            Terminal.print(try json ? JSONText.encode(checks) : Self.text(checks))
            return checks.contains { $0.verdict == .fail } ? .checkFailed : .success
        }
    }

    /// A database that cannot be reached is a finding, not an error of the command.
    private static func examine(_ configuration: ProgramConfiguration) async -> [DoctorCheck] {
        do {
            let examiner = DatabaseExaminer(
                database: try configuration.runningDatabase(), logger: Log.logger(configuration))
            let exam = DoctorExam(
                facts: try await examiner.facts(), poolSize: configuration.poolSize,
                partitionsAhead: configuration.partitions.daysAhead, isEmbedded: configuration.database == .embedded)
            return [.ok("database", "answers")] + exam.checks
        } catch {
            let words = (error as? PostgresError).map { CommandError($0).description } ?? "\(error)"
            return [
                .fail(
                    "database", words, remedy: "check DATABASE_URL (`sluice config` shows it) and that the server runs")
            ]
        }
    }

    static func text(_ checks: [DoctorCheck]) -> String {
        checks.map { check in
            let remedy = check.remedy.map { "\n      → \($0)" } ?? ""
            let verdict = check.verdict.rawValue + String(repeating: " ", count: 5 - check.verdict.rawValue.count)
            return "\(verdict) \(check.name): \(check.finding)\(remedy)"
        }.joined(separator: "\n")
    }
}
