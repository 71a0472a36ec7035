public import Postgres

/// Why the schema could not be brought to a version, or looked at.
public enum MigrationError: Error, Sendable {
    /// The file of a step that was taken has been edited.
    case changed(step: String, database: String, program: String)
    /// The step that was taken at this number has another name: files were renumbered or renamed.
    case renamed(step: String, database: String)
    /// The database has steps that this program does not know.
    case newerSchema(database: Int, program: Int, unknown: String)
    /// A step in the middle is missing in the database.
    case gap(missing: Int, found: Int)
    /// There is no such version.
    case unknownTarget(Int, newest: Int)
    /// A checksum was to be accepted of a step that the database has not taken.
    case notApplied(Int, current: Int)
    /// Another migrator held the lock for all of the time allowed.
    case busy(waited: Duration, holder: String?)
    /// A step did not get its locks in all of the time allowed.
    case contended(step: String, attempts: Int, waited: Duration, PostgresError)
    /// A step failed. It was rolled back as a whole, unless it is one of statements without a transaction.
    case failed(step: String, statement: Int?, of: Int?, PostgresError)
    /// The connection broke during a step, which may have been taken.
    case lost(step: String, PostgresError)
    /// The connection leads through a pooler that does not keep sessions.
    case pooler
    /// The role may not become the owner of the schema.
    case notOwner(role: String, owner: String)
    /// There is no schema, and the role may not make one.
    case mayNotCreate(role: String, database: String)
    /// The role may not read which steps were taken.
    case unreadable(role: String)
    /// The database could not be asked.
    case database(PostgresError)

    /// Turns what goes wrong with a question into ``database(_:)``.
    static func asking<Value>(
        _ body: () async throws(PostgresError) -> Value
    ) async throws(MigrationError) -> Value {
        do throws(PostgresError) { return try await body() } catch { throw .database(error) }
    }
}
