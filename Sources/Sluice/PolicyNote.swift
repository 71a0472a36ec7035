import Logging
import SluiceCore
import SluicePostgres

/// Says once, when the schema is right, which policy is enforced here, so that the ledger's readers know it later.
struct PolicyNote: Sendable {
    private static let firstPause = Duration.seconds(1)
    private static let longestPause = Duration.seconds(60)
    private static let timeout = Duration.seconds(10)

    private let store: PostgresStore
    private let policy: Policy
    private let logger: Logger

    init(store: PostgresStore, policy: Policy, logger: Logger) {
        self.store = store
        self.policy = policy
        self.logger = logger
    }

    /// Tries until it is written down or the task is cancelled. Nothing waits for it.
    ///
    /// - Parameter ready: waits for the schema; false when it will not be right.
    func run(when ready: () async -> Bool) async {
        guard await ready() else { return }
        var pause = Self.firstPause
        while !Task.isCancelled {
            do throws(StoreError) {
                let isNew = try await store.noteDefaultPolicy(policy, deadline: .now.advanced(by: Self.timeout))
                if isNew { logger.info("the policy was written down", metadata: ["policy": "\(policy.name)"]) }
                return
            } catch {
                logger.debug("the policy could not be written down", metadata: ["error": "\(error)"])
                // An older schema has no place for it.
                if error.kind == .schema || error.kind == .rejected { return }
            }
            try? await Task.sleep(for: pause * Double.random(in: 0.5...1))
            pause = min(pause * 2, Self.longestPause)
        }
    }
}
