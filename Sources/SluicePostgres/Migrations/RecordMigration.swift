import Postgres

/// Writes down that a step was taken, or taken back.
struct RecordMigration: PostgresStatement {
    let migration: Migration
    let direction: MigrationDirection

    static let sql = """
        WITH reverted AS (DELETE FROM sluice.migrations WHERE $4 AND version = $1)
        INSERT INTO sluice.migrations (version, name, checksum) SELECT $1, $2, $3 WHERE NOT $4
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(Int32(migration.version))
        parameters.append(migration.name)
        parameters.append(migration.checksum)
        parameters.append(direction == .down)
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) {}
}

/// Writes down that a changed file is taken for the one that was run.
struct RecordChecksum: PostgresStatement {
    let migration: Migration

    static let sql = "UPDATE sluice.migrations SET checksum = $2 WHERE version = $1"

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(Int32(migration.version))
        parameters.append(migration.checksum)
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) {}
}
