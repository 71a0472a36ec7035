import ArgumentParser
import Postgres
import SluicePostgres

/// `sluice partitions list`
struct PartitionsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the ledger's partitions, the oldest first, and tables that were some once.",
        discussion: "Rows are the server's estimate unless they are counted. What may not go yet is still to be sealed."
    )

    @Flag(help: "Count the rows, which reads all of them; for a role that may.") var exact = false
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let reports = try await settings.load().configuration.withPartitions { store, connection in
                var reports: [PartitionReport] = []
                for partition in try await store.list(deadline: .now + .seconds(60)) {
                    let count = exact ? try await PartitionStore.count(partition, over: connection) : nil
                    reports.append(PartitionReport(partition, exact: count))
                }
                return reports
            }
            Terminal.print(json ? try JSONText.encode(reports) : PartitionReport.table(reports))
            return .success
        }
    }
}
