import Logging
import Postgres

extension ProgramConfiguration {
    /// What `pg_stat_activity` shows.
    static let applicationName = "sluice"

    /// The database of a command that starts none: the configured one, or the embedded one if somebody runs it.
    ///
    /// - Throws: ``CommandError`` when there is none.
    func runningDatabase() throws(CommandError) -> PostgresConfiguration {
        switch database {
        case .url(let url): return try Self.postgres(url)
        case .embedded:
            let layout = ClusterLayout(root: dataDirectory)
            guard ServerStatus(layout)?.isReady == true else {
                throw CommandError(
                    .unavailable,
                    "no DATABASE_URL is set and no embedded PostgreSQL runs in \(layout.root): start one"
                        + " (sluice up, sluice serve or sluice postgres), or set DATABASE_URL")
            }
            return try Self.postgres(layout.url)
        }
    }

    /// - Throws: ``CommandError`` for a text that libpq does not understand; a checked configuration holds none.
    static func postgres(_ url: String) throws(CommandError) -> PostgresConfiguration {
        do throws(PostgresError) {
            return try PostgresConfiguration(url: url, applicationName: applicationName)
        } catch {
            throw CommandError(.configuration, "\(Setting.databaseURL.variable): \(error.message)")
        }
    }

    /// Lends one connection to the database of ``runningDatabase()``.
    func withConnection<Value: Sendable>(
        logger: Logger, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let database = try runningDatabase()
        let connection: PostgresConnection
        do throws(PostgresError) {
            connection = try await PostgresConnection.connect(database, logger: logger)
        } catch {
            throw CommandError(error)
        }
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch let error as PostgresError {
            await connection.close()
            throw CommandError(error)
        } catch {
            await connection.close()
            throw error
        }
    }
}

extension CommandError {
    /// A person at a terminal is told more than a log: what the server said, still without bound values.
    init(_ error: PostgresError) {
        let words: [String?] =
            if let server = error.server { [server.message, server.hint] } else { [error.message, error.detail] }
        self.init(.unavailable, "the database: " + words.compactMap { $0 }.joined(separator: "; "))
    }
}
