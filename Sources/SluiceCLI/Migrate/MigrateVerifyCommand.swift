import ArgumentParser
import SluicePostgres

/// `sluice migrate verify`
struct MigrateVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Compare the schema with what the migrations make. Changes nothing.",
        discussion: """
            Looks at the recorded checksums and names, and for invalid indexes, partitions half detached or without an \
            index or a trigger of their parent, triggers that are gone or switched off, missing functions and wrong \
            privileges. It does not compare the text of functions and views. \
            Exits with 1 when it finds something; migrations that are not applied yet are none.
            """)

    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let inspection = try await settings.withMigrator { migrator throws(MigrationError) in
                try await migrator.inspect()
            }
            Terminal.print(try json ? JSONText.encode(Report(inspection)) : Self.text(inspection))
            return inspection.findings.isEmpty ? .success : .checkFailed
        }
    }

    private struct Report: Encodable {
        let current: Int
        let newest: Int
        let findings: [SchemaFindingLine]

        init(_ inspection: SchemaInspection) {
            current = inspection.current
            newest = SchemaVersion.newest
            findings = inspection.findings.map(SchemaFindingLine.init)
        }
    }

    private static func text(_ inspection: SchemaInspection) -> String {
        let head = "at version \(inspection.current) of \(SchemaVersion.newest)"
        guard !inspection.findings.isEmpty else { return head + ": what was looked at is as the migrations make it" }
        return ([head] + inspection.findings.map { SchemaFindingLine($0).text }).joined(separator: "\n")
    }
}
