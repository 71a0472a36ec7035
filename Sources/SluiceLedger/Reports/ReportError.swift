public import Postgres
public import SluiceCore

/// Why there is no report.
public enum ReportError: Error, Sendable {
    /// The database has no time zone of that name; these it has.
    case unknownZone(String, known: [String])
    /// It ends before it begins, or at once.
    case reversed(from: Timestamp, until: Timestamp)
    /// There is no answer from the database.
    case database(PostgresError)
}
