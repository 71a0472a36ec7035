import ArgumentParser
import Postgres
import SluicePostgres

/// `sluice partitions ensure`
struct PartitionsEnsureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ensure", abstract: "Make the partitions that are missing from today on.",
        discussion: "A month that has a partition by day goes on by day. May be repeated.")

    @Option(help: "How many days ahead, 1 to 366; as configured by default.") var ahead: Int?
    @Option(help: "day or month; as configured by default.") var by: String?
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let configuration = try settings.load().configuration
            let ahead = ahead ?? configuration.partitions.daysAhead
            guard (1...366).contains(ahead) else {
                throw CommandError(.usage, "ahead \(ahead) is out of range: use 1 to 366 days")
            }
            let unit = try unit() ?? configuration.partitions.unit
            let made = try await configuration.withPartitions { store, _ in
                try await store.ensure(unit, ahead: ahead, deadline: .now + .seconds(600))
            }
            Terminal.print(
                made == 0 ? "nothing to do" : "made partitions for \(made) \(made == 1 ? "period" : "periods")")
            return .success
        }
    }

    private func unit() throws(CommandError) -> PartitionUnit? {
        guard let by else { return nil }
        guard let unit = PartitionUnit(rawValue: by) else {
            let words = PartitionUnit.allCases.map(\.rawValue)
            let hint = Suggestion.hint(for: by.lowercased(), among: words)
            throw CommandError(.usage, "by \"\(by)\" is none of \(words.joined(separator: ", "))\(hint)")
        }
        return unit
    }
}
