/// The roles of every server for tests: those of Sluice, and one to log in as each of them.
public enum TestRole: String, Sendable, CaseIterable {
    /// A superuser, for tests that look into tables or break things.
    case superuser = "postgres"
    /// What a release migrates as: a member of `sluice_owner` and nothing else.
    case migrator
    /// What replicas connect as: a member of `sluice_app` and nothing else.
    case app
    /// A member of `sluice_audit` and nothing else.
    case auditor

    /// Makes them all, one statement a line.
    static let statements = """
        CREATE ROLE sluice_owner NOLOGIN
        CREATE ROLE sluice_app NOLOGIN
        CREATE ROLE sluice_audit NOLOGIN
        CREATE ROLE migrator LOGIN IN ROLE sluice_owner
        CREATE ROLE app LOGIN IN ROLE sluice_app
        CREATE ROLE auditor LOGIN IN ROLE sluice_audit

        """

    /// The connection string of another role for the same database of the same server.
    ///
    /// - Parameter url: one of ``PostgresServer`` or ``PgBouncerServer``.
    public func url(like url: String) -> String {
        url.split(separator: " ").map { $0.hasPrefix("user=") ? "user=\(rawValue)" : String($0) }
            .joined(separator: " ")
    }
}
