public import Postgres

/// Why the schema could not be brought to a version; the description names the value and the remedy.
public enum MigrationError: Error, Sendable {
    /// The file of a step that was taken has been edited.
    case changed(step: String, database: String, program: String)
    /// The database has steps that this program does not know.
    case newerSchema(database: Int, program: Int, unknown: String)
    /// A step in the middle is missing in the database.
    case gap(missing: Int, found: Int)
    /// There is no such version.
    case unknownTarget(Int, newest: Int)
    /// Another migrator held the lock for all of the time allowed.
    case busy(waited: Duration)
    /// A step failed and was rolled back as a whole.
    case failed(step: String, PostgresError)
    /// The database could not be asked.
    case database(PostgresError)
}

extension MigrationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .changed(let step, let database, let program):
            """
            migration \(step) was changed after it was applied: the database recorded SHA-256 \(database.prefix(12))…, this \
            program carries \(program.prefix(12))…; restore the file and put the change into a new migration
            """
        case .newerSchema(let database, let program, let unknown):
            """
            the database is at version \(database), this program knows \(program) and not \(unknown): update this program, \
            or migrate down with the newer one
            """
        case .gap(let missing, let found):
            """
            the database recorded migration \(found) but not \(missing): sluice.migrations was edited by hand; restore the \
            missing row, or the database from a backup
            """
        case .unknownTarget(let target, let newest):
            "there is no version \(target): use 0 to \(newest)"
        case .busy(let waited):
            "another migrator was at work for \(waited): wait for it to end, then try again"
        case .failed(let step, let error):
            "migration \(step) failed and was rolled back: \(Self.words(error))"
        case .database(let error):
            "the database could not be asked: \(Self.words(error))"
        }
    }

    /// A migration is run by whoever may see its SQL, so the server's own words may be shown.
    private static func words(_ error: PostgresError) -> String {
        guard let server = error.server else { return error.detail.map { "\(error): \($0)" } ?? "\(error)" }
        return "\(server.message) (SQLSTATE \(server.state))" + (server.hint.map { "; \($0)" } ?? "")
    }
}
