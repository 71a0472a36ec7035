import Logging
import Postgres

/// The least that a durable decision can be: one row inserted in one transaction, through the client that the library uses.
struct InsertFloor: Sendable {
    let url: String
    let connections: Int
    let logger: Logger

    func measure(_ loop: ClosedLoop, _ length: ClosedLoop.Length) async throws -> Measurement {
        let pool = PostgresPool(
            configuration: try PostgresConfiguration(url: url),
            settings: PostgresPoolSettings(maximumConnections: connections), logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await pool.run() }
            try await pool.run(CreateFloor())
            let measurement = try await loop.run(length) { _ in
                try await pool.run(InsertRow())
                return .admitted
            }
            group.cancelAll()
            return measurement
        }
    }
}

/// The table of the rows.
private struct CreateFloor: PostgresStatement {
    static let sql = """
        CREATE TABLE IF NOT EXISTS floor (user_id uuid, at timestamptz DEFAULT clock_timestamp(), call_id uuid,
            PRIMARY KEY (user_id, at, call_id))
        """

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) {}
}

/// One row.
private struct InsertRow: PostgresStatement {
    static let sql = "INSERT INTO floor (user_id, call_id) VALUES (gen_random_uuid(), gen_random_uuid())"

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) {}
}
