import Postgres
import SluiceCore

/// Notes when keys were last used.
struct NoteKeyUses: PostgresStatement {
    let uses: [(key: KeyID, at: Timestamp)]

    static let sql = "SELECT sluice.note_key_uses($1, $2)"

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(uses.map(\.key))
        parameters.append(uses.map(\.at))
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) {}
}
