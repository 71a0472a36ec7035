import Logging
import Postgres
import SluiceTesting
import Testing

/// What the tests of this target share.
enum Support {
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Long enough that only something that hangs exceeds it.
    static var soon: ContinuousClock.Instant { .now + .seconds(180) }

    static func connect(_ url: String) async throws -> PostgresConnection {
        try await PostgresConnection.connect(PostgresConfiguration(url: url), deadline: soon, logger: logger)
    }

    /// A connection to the shared server for the time of the closure.
    nonisolated(nonsending) static func withConnection<Value>(
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await connect(PostgresServer.shared().url())
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    /// A running pool for the time of the closure.
    nonisolated(nonsending) static func withPool<Value>(
        _ url: String, _ settings: PostgresPoolSettings = .init(), executor: EpollExecutor = .shared,
        _ body: nonisolated(nonsending) (PostgresPool) async throws -> Value
    ) async throws -> Value {
        // Callers say by when they want to have a connection; a slow machine is not what is tested.
        var settings = settings
        settings.acquireTimeout = max(settings.acquireTimeout, .seconds(180))
        let pool = PostgresPool(
            configuration: try PostgresConfiguration(url: url), settings: settings, executor: executor, logger: logger)
        async let running: Void = pool.run()
        do {
            let value = try await body(pool)
            pool.shutdown(deadline: soon)
            await running
            return value
        } catch {
            pool.shutdown(deadline: .now)
            await running
            throw error
        }
    }

    /// Waits for something that gives no sign of itself.
    nonisolated(nonsending) static func eventually(
        _ what: Comment, within limit: Duration = .seconds(180), sourceLocation: SourceLocation = #_sourceLocation,
        _ condition: nonisolated(nonsending) () async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + limit
        while .now < end {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record(what, sourceLocation: sourceLocation)
    }

    /// The error that the closure ought to throw.
    nonisolated(nonsending) static func postgresError(
        sourceLocation: SourceLocation = #_sourceLocation, _ body: nonisolated(nonsending) () async throws -> Void
    ) async throws -> PostgresError {
        do {
            try await body()
        } catch let error as PostgresError {
            return error
        }
        throw Missing()
    }

    struct Missing: Error, CustomStringConvertible {
        let description = "no PostgresError was thrown"
    }
}
