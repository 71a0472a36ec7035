import Postgres
import SluiceCore

/// Moves the view that admission keeps cached plans over.
struct CoverRecent: PostgresStatement {
    let longestWindow: Duration

    static let sql = "SELECT sluice.cover_recent($1 * interval '1 microsecond')"

    func bind(into parameters: inout PostgresParameters) { parameters.append(longestWindow.wholeMicroseconds) }

    /// Whether it moved.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> Bool { try row.decode(at: 0) }
}
