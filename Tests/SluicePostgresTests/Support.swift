import Logging
import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Connections to a new, migrated database of the shared server.
struct TestDatabase {
    /// As a replica connects: it may execute functions and see no table. Without the schema, as a release connects that
    /// makes it.
    let configuration: PostgresConfiguration
    private let url: String

    init(url: String) throws {
        configuration = try PostgresConfiguration(url: url)
        self.url = url
    }

    func connect() async throws -> PostgresConnection {
        try await PostgresConnection.connect(configuration, logger: quiet)
    }

    /// Connects, and closes when the closure ends, however it ends.
    func withConnection<Value>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await Self.with(configuration, body)
    }

    /// As ``withConnection(_:)``, as somebody else.
    func withConnection<Value>(
        as role: TestRole, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await Self.with(try PostgresConfiguration(url: role.url(like: url)), body)
    }

    /// As ``withConnection(_:)``, as a superuser, to look into tables and to break things.
    func withOwner<Value>(_ body: (PostgresConnection) async throws -> Value) async throws -> Value {
        try await withConnection(as: .superuser, body)
    }

    /// A replica's connection, and somebody else's beside it: a superuser's unless told otherwise.
    func withConnections<Value>(
        and role: TestRole = .superuser,
        _ body: (_ connection: PostgresConnection, _ other: PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await withConnection { connection in
            try await withConnection(as: role) { other in try await body(connection, other) }
        }
    }

    private static func with<Value>(
        _ configuration: PostgresConfiguration, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(configuration, logger: quiet)
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
            try await body(try TestDatabase(url: url))
        }
    } else {
        try await server.withDatabase(as: .migrator) { url in
            try await body(try TestDatabase(url: url))
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
