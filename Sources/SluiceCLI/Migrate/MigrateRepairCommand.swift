import ArgumentParser
import SluicePostgres

/// `sluice migrate repair`
struct MigrateRepairCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair", abstract: "Put right what `verify` finds and needs nobody's decision.",
        discussion: """
            Builds invalid indexes again, ends detaches that were begun, grants what is missing. What it cannot put right \
            it names, with the remedy, and exits with 1.
            """)

    @Option(
        help: ArgumentHelp(
            "Record the checksum that this program carries for a migration whose file was changed.",
            discussion: "Make sure first that the schema is as the file has it.", valueName: "version"))
    var acceptChecksum: Int?
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var patience: MigratorOptions
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let repair = try await settings.withMigrator(patience.migratorSettings) { migrator throws(MigrationError) in
                try await migrator.repair(acceptingChecksumOf: acceptChecksum)
            }
            Terminal.print(try json ? JSONText.encode(Report(repair)) : Self.text(repair))
            return repair.left.isEmpty ? .success : .checkFailed
        }
    }

    private struct Report: Encodable {
        let mended: [SchemaFindingLine]
        let left: [SchemaFindingLine]

        init(_ repair: SchemaRepair) {
            mended = repair.mended.map(SchemaFindingLine.init)
            left = repair.left.map(SchemaFindingLine.init)
        }
    }

    private static func text(_ repair: SchemaRepair) -> String {
        let lines =
            repair.mended.map { "mended \($0.object) (\($0.kind.rawValue))" }
            + repair.left.map { "left " + SchemaFindingLine($0).text }
        return lines.isEmpty ? "nothing to mend" : lines.joined(separator: "\n")
    }
}
