import ArgumentParser

/// `sluice audit`
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Tell from the ledger who spent what, who was refused, and when the database was away.",
        discussion: """
            Reads views only: DATABASE_URL may name a role that is a member of sluice_audit and nothing else. Calls count on \
            the day of their admission, tokens and cost on the day on which they were settled.
            """,
        subcommands: [
            AuditSpendCommand.self, AuditTopCommand.self, AuditUserCommand.self, AuditRefusalsCommand.self,
            AuditOutagesCommand.self, AuditVerifyCommand.self, AuditExportCommand.self, AuditSealCommand.self,
        ])
}
