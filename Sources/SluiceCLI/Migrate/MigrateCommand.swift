import ArgumentParser

/// `sluice migrate`
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the database's schema up or down, or show where it is.",
        discussion: """
            Use a direct URL, not one of a pooler in transaction mode. Exit codes: 0 done; 1 status: migrations are \
            missing, verify and repair: something is not as it should be, all: the database and this program do not \
            agree on what was applied; 64 the command line is wrong; 69 the database is away, a migration failed, or the \
            role may not; 75 another migrator or a lock stood in the way for all of --wait: try again; 78 a setting is \
            wrong, or the URL leads through a pooler in transaction mode.
            """,
        subcommands: [
            MigrateUpCommand.self, MigrateDownCommand.self, MigrateStatusCommand.self, MigratePlanCommand.self,
            MigrateVerifyCommand.self, MigrateRepairCommand.self, MigrateRolesCommand.self,
        ])
}
