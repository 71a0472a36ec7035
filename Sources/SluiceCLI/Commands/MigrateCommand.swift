import ArgumentParser

/// `sluice migrate`
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the database's schema up or down, or show where it is.",
        discussion: "Use a direct URL, not one of a pooler in transaction mode.",
        subcommands: [MigrateUpCommand.self, MigrateDownCommand.self, MigrateStatusCommand.self])
}
