import Postgres
import SluiceCore

/// Writes down what a replica's configuration enforces.
struct NoteDefaultPolicy: PostgresStatement {
    let policy: Policy
    let replica: String?

    static let sql = "SELECT sluice.note_default_policy('enforce', $1, $2, $3, $4, $5)"

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(policy.onOutage.rawValue)
        parameters.append(policy.windows.map(\.name))
        parameters.append(windows: policy)
        parameters.append(replica)
    }

    /// Whether that was something new.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> Bool { try row.decode(at: 0) }
}
