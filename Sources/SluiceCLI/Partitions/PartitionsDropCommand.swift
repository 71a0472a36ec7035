import ArgumentParser
import SluicePostgres

/// `sluice partitions drop`
struct PartitionsDropCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop", abstract: "Take partitions out of the ledger all of whose rows are older than is wanted.",
        discussion: """
            Finishes first what an earlier run was interrupted in. Holds up no admission for longer than 50 ms: as the \
            ledger's owner on PostgreSQL 14 or later, over a direct URL, by detaching concurrently.
            """)

    @Option(help: "What is older than so many days, 31 at least.") var olderThan: Int?
    @Option(help: "What is from before this day of UTC, such as 2026-01-31.") var before: String?
    @Flag(help: "Keep the tables in the database, outside of the ledger.") var detach = false
    @Option(help: "Write the tables to files in this folder, and drop them then.", completion: .directory)
    var export: String?
    @Option(help: "The files' format: csv or parquet; the latter by the program duckdb.") var format = ExportFormat.csv
    @Option(help: "How long one partition may take while others use the ledger, in seconds, 1 to 86400.") var wait = 600
    @Flag(help: "Show what would go, and take nothing.") var dryRun = false
    @Flag(help: "Do it: rows that are dropped are not to be had again.") var yes = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    enum ExportFormat: String, ExpressibleByArgument, CaseIterable {
        case csv, parquet
    }

    func run() async throws {
        try await reportingErrors {
            let limit = try DropLimit(olderThan: olderThan, before: before)
            try check()
            let configuration = try settings.load().configuration
            let exporter = try makeExporter(configuration)
            try await configuration.withPartitions { store, connection in
                let action: RetentionAction = export != nil ? .export : detach ? .detach : .drop
                let run = PartitionDrop(
                    store: store, connection: connection, limit: limit, action: action, exporter: exporter,
                    patience: .seconds(wait))
                let doomed = try await run.select()
                if dryRun { return Terminal.print(PartitionReport.table(doomed.map { PartitionReport($0) })) }
                guard yes else {
                    throw CommandError(
                        .usage, "\(doomed.count) partitions would go (--dry-run shows them): say --yes to let them")
                }
                try await run.perform(doomed)
            }
            return .success
        }
    }

    private func check() throws(CommandError) {
        guard !detach || export == nil else {
            throw CommandError(.usage, "detach and export exclude each other: what is exported is dropped")
        }
        guard format == .csv || export != nil else {
            throw CommandError(.usage, "format \(format.rawValue) is for files: say --export FOLDER")
        }
        guard (1...86_400).contains(wait) else {
            throw CommandError(.usage, "wait \(wait) is out of range: use 1 to 86400 seconds")
        }
    }

    private func makeExporter(_ configuration: ProgramConfiguration) throws -> PartitionExporter? {
        guard let export else { return nil }
        guard !export.isEmpty, Folder.isWritable(export) else {
            throw CommandError(.usage, "export \"\(export)\" is no folder that can be written to: make it first")
        }
        var conversion: PartitionExporter.Conversion?
        if format == .parquet {
            let program = try DuckDB()
            conversion = { csv, columns, rows in try await program.convert(csv, columns: columns, rows: rows) }
        }
        return PartitionExporter(
            database: try configuration.runningDatabase(), folder: export, conversion: conversion,
            logger: Log.logger(configuration))
    }
}
