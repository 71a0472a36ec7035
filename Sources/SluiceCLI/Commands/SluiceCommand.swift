import ArgumentParser

/// The program: `sluice <command>`.
struct SluiceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluice",
        abstract: "An exact sliding-window limit per user for LLM calls, on PostgreSQL.",
        discussion: "Settings come from the environment, a YAML file and flags, in that order of growing strength.",
        version: SluiceVersion.text,
        subcommands: [
            ServeCommand.self, UpCommand.self, AdmitCommand.self, PeekCommand.self, MigrateCommand.self,
            AuditCommand.self, KeysCommand.self, PricesCommand.self, PartitionsCommand.self, DoctorCommand.self,
            HealthCommand.self, JournalCommand.self,
            BenchCommand.self,
            PostgresCommand.self,
            ConfigCommand.self, VersionCommand.self,
        ])
}
