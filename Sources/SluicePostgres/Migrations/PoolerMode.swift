public import Logging
public import Postgres

/// What stands between this program and the server.
public enum PoolerMode: Hashable, Sendable {
    case none
    /// A client keeps its server connection.
    case session
    /// Each transaction may run on another server connection, so what belongs to a session is lost or met by others.
    case transaction

    /// Finds out.
    ///
    /// A pooler gives its clients process numbers of its own making. It is in transaction mode when a second client gets the
    /// server connection that the first one, which is still here, used before.
    ///
    /// - Parameter connection: idle, and made with the same configuration.
    public static func find(
        before connection: PostgresConnection, _ configuration: PostgresConfiguration, logger: Logger
    ) async throws(PostgresError) -> PoolerMode {
        let before = try await connection.run(BackendProcess()).first
        guard before != connection.backendPID else { return .none }
        let second = try await PostgresConnection.connect(configuration, logger: logger)
        do throws(PostgresError) {
            try await second.execute("BEGIN")
            let other = try await second.run(BackendProcess()).first
            let after = try? await connection.run(BackendProcess(), deadline: .now + .seconds(2)).first
            try await second.execute("ROLLBACK")
            await second.close()
            // With a single server connection the first client has to wait for it.
            return other == before || after != before ? .transaction : .session
        } catch {
            await second.close()
            throw error
        }
    }
}

/// The server process that runs this very statement.
private struct BackendProcess: PostgresStatement {
    static let sql = "SELECT pg_backend_pid()"

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> Int32 { try row.decode(at: 0) }
}
