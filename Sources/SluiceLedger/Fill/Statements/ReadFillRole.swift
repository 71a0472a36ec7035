import Postgres

/// As whom rows can be written.
struct ReadFillRole: PostgresStatement {
    struct Row: Equatable {
        let database: String
        let hasSchema: Bool
        /// Takes on the role of the schema's owner; `nil` when the connection may not.
        let setRole: String?
        let owner: String?
    }

    static let sql = """
        SELECT current_database()::text, to_regclass('sluice.seals') IS NOT NULL,
            CASE WHEN pg_has_role(n.nspowner, 'MEMBER') THEN format('SET ROLE %I', pg_get_userbyid(n.nspowner)) END,
            pg_get_userbyid(n.nspowner)::text
        FROM (SELECT) AS one LEFT JOIN pg_namespace AS n ON n.nspname = 'sluice'
        """

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> Row {
        Row(
            database: try row.decode(at: 0), hasSchema: try row.decode(at: 1), setRole: try row.decode(at: 2),
            owner: try row.decode(at: 3))
    }
}
