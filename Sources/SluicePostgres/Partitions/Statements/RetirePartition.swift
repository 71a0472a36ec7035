import Postgres

/// Takes one partition out of the ledger, holding up nobody for long.
struct RetirePartition: PostgresStatement {
    let name: String
    let days: Int
    let action: RetentionAction

    static let sql = "SELECT sluice.retire_partition($1, $2, $3)"

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(name)
        parameters.append(Int32(clamping: days))
        parameters.append(action.rawValue)
    }

    /// The table that was kept or dropped; `nil` when somebody else was quicker.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> String? { try row.decode(at: 0) }
}
