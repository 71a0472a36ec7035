import Logging
import SluiceCore
import SluicePostgres

/// Settles the calls that nobody settles: those of a replica that died. Every replica looks; the database lets one at a time.
struct CallExpiry: Sendable {
    private static let interval = Duration.seconds(60)
    private static let batch = 1_000
    private static let timeout = Duration.seconds(10)

    private let store: PostgresStore
    private let lease: Duration
    private let logger: Logger

    init(store: PostgresStore, lease: Duration, logger: Logger) {
        self.store = store
        self.lease = max(.seconds(1), lease)
        self.logger = logger
    }

    /// Looks every minute, give or take a tenth, until the task is cancelled.
    ///
    /// - Parameter isWanted: whether the database is there to be asked.
    func run(while isWanted: @escaping @Sendable () -> Bool) async {
        while (try? await Task.sleep(for: Self.interval * Double.random(in: 0.9...1.1))) != nil {
            guard isWanted() else { continue }
            do throws(StoreError) {
                try await expire()
            } catch {
                logger.debug("calls could not be expired", metadata: ["error": "\(error)"])
            }
        }
    }

    private func expire() async throws(StoreError) {
        var expired = 0
        repeat {
            expired = try await store.expireCalls(
                lease: lease, atMost: Self.batch, deadline: .now.advanced(by: Self.timeout))
        } while expired >= Self.batch && !Task.isCancelled
    }
}
