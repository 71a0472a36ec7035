import Postgres

/// Finishes the oldest retirement that somebody began and left.
struct ResumeRetirement: PostgresStatement {
    static let sql = "SELECT sluice.resume_retirement()"

    func bind(into parameters: inout PostgresParameters) {}

    /// The table that was kept or dropped; `nil` when there was nothing to finish.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> String? { try row.decode(at: 0) }
}
