import Postgres

/// Writes down, for the owner, that a partition is about to leave.
struct BeginRetirement: PostgresStatement {
    let name: String
    let days: Int
    let action: RetentionAction

    static let sql = "SELECT sluice.begin_retirement($1, $2, $3)"

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(name)
        parameters.append(Int32(clamping: days))
        parameters.append(action.rawValue)
    }

    /// Its number.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> Int32 { try row.decode(at: 0) }
}
