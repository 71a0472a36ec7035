import ArgumentParser

/// `sluice partitions`
struct PartitionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "partitions", abstract: "Show the ledger's partitions, make them ahead, and take old ones away.",
        discussion: "Replicas do the last two by themselves, as SLUICE_PARTITIONS_AHEAD and SLUICE_RETENTION_DAYS say.",
        subcommands: [PartitionsListCommand.self, PartitionsEnsureCommand.self, PartitionsDropCommand.self])
}
