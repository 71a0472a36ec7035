import Logging
import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Connections to a new, migrated database of the shared server.
struct TestDatabase {
    let configuration: PostgresConfiguration

    func connect() async throws -> PostgresConnection {
        try await PostgresConnection.connect(configuration, logger: quiet)
    }

    /// Connects, and closes when the closure ends, however it ends.
    func withConnection<Value>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await connect()
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }
}

/// - Parameter isMigrated: false for one without the schema.
func withTestDatabase(isMigrated: Bool = true, _ body: (TestDatabase) async throws -> Void) async throws {
    let server = try await PostgresServer.shared()
    if isMigrated {
        try await server.withMigratedDatabase { url in
            try await body(TestDatabase(configuration: try PostgresConfiguration(url: url)))
        }
    } else {
        try await server.withDatabase { url in
            try await body(TestDatabase(configuration: try PostgresConfiguration(url: url)))
        }
    }
}

extension ContinuousClock.Instant {
    /// Far enough for a slow machine.
    static var patience: ContinuousClock.Instant { .now + .seconds(60) }
}

extension Call {
    static func fresh(_ user: UserID = .fresh(), id: CallID? = nil, weight: Int64 = 1) throws -> Call {
        try Call(user: user, id: id ?? .fresh(), isIDSupplied: id != nil, weight: weight)
    }
}
