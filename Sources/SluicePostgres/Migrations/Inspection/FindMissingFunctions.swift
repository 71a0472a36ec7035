import Postgres

/// Functions that this program calls and that the schema does not have.
struct FindMissingFunctions: PostgresStatement {
    /// The version that the schema is at.
    let version: Int

    static let sql = """
        SELECT wanted.name FROM unnest($1::text[]) AS wanted (name)
        WHERE NOT EXISTS (SELECT FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
            WHERE n.nspname = 'sluice' AND p.proname = wanted.name)
        ORDER BY 1
        """

    func bind(into parameters: inout PostgresParameters) { parameters.append(SchemaVersion.functions(at: version)) }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> SchemaFinding {
        SchemaFinding(
            kind: .missingFunction, object: try row.decode(at: 0), detail: "this program calls it, and it is gone",
            remedy: "run its CREATE FUNCTION as the file in migrations/ that makes it has it", mend: nil)
    }
}
