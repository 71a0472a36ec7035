import Postgres

/// Does, for the owner, what is left to do of a retirement.
struct FinishRetirement: PostgresStatement {
    let id: Int32

    static let sql = "SELECT sluice.finish_retirement($1)"

    func bind(into parameters: inout PostgresParameters) { parameters.append(id) }

    /// The table that was kept or dropped; `nil` when nothing was left.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> String? { try row.decode(at: 0) }
}
