import Postgres
public import SluiceCore

/// A row of `sluice.migrations`: a step that the database has taken.
public struct AppliedMigration: Hashable, Sendable {
    public let version: Int
    public let name: String
    /// SHA-256 of the step's SQL as it was run.
    public let checksum: String
    /// By the database's clock.
    public let appliedAt: Timestamp

    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        version = Int(try row.decode(Int32.self, at: 0))
        name = try row.decode(at: 1)
        checksum = try row.decode(at: 2)
        appliedAt = try row.decode(at: 3)
    }
}

/// Reads the steps taken, in order.
struct ListAppliedMigrations: PostgresStatement {
    static let sql = "SELECT version, name, checksum, applied_at FROM sluice.migrations ORDER BY version"

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> AppliedMigration { try AppliedMigration(row) }
}

/// The same for a role that may not read the table. There since version 7.
struct ListSchemaVersions: PostgresStatement {
    static let sql = "SELECT version, name, checksum, applied_at FROM sluice.schema_versions() ORDER BY version"

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> AppliedMigration { try AppliedMigration(row) }
}
