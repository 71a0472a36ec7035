import Logging
import Postgres
import SluicePostgres
import Synchronization

/// Sees to it that the schema is there, and then that its partitions stay ahead. A database that is away is asked again.
final class SchemaUpkeep: Sendable {
    private static let firstPause = Duration.milliseconds(250)
    private static let longestPause = Duration.seconds(5)

    private let mode: SchemaMode
    private let migrator: Migrator
    private let maintenance: PartitionMaintenance
    private let logger: Logger
    private let known = Mutex(Known())
    private let stopped: AsyncStream<Void>
    private let stopping: AsyncStream<Void>.Continuation

    init(mode: SchemaMode, migrator: Migrator, maintenance: PartitionMaintenance, logger: Logger) {
        self.mode = mode
        self.migrator = migrator
        self.maintenance = maintenance
        self.logger = logger
        (stopped, stopping) = AsyncStream.makeStream()
        known.withLock { $0.versions.wanted = wanted }
    }

    private struct Known {
        var state = SchemaState.unknown
        var versions = SchemaVersions()
        var isOver = false
        var waiters: [Int: CheckedContinuation<Bool, Never>] = [:]
        var lastWaiter = 0

        var isReady: Bool { if case .ready = state { true } else { false } }
    }

    var state: SchemaState { known.withLock { $0.state } }

    var versions: SchemaVersions { known.withLock { $0.versions } }

    /// Waits until the state is ready; false when that can no longer be, or the task is cancelled.
    func ready() async -> Bool {
        let id = known.withLock { known in
            known.lastWaiter += 1
            return known.lastWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let answer = known.withLock { known -> Bool? in
                    guard !known.isReady, !known.isOver, !Task.isCancelled else { return known.isReady }
                    known.waiters[id] = waiter
                    return nil
                }
                if let answer { waiter.resume(returning: answer) }
            }
        } onCancel: {
            known.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: false)
        }
    }

    /// Writes down what was found, or that nothing more will be.
    private func note(_ state: SchemaState?, isOver: Bool = false) {
        let (waiters, isReady) = known.withLock { known -> ([Int: CheckedContinuation<Bool, Never>], Bool) in
            known.state = state ?? known.state
            known.isOver = isOver
            guard known.isReady || isOver else { return ([:], false) }
            defer { known.waiters = [:] }
            return (known.waiters, known.isReady)
        }
        waiters.values.forEach { $0.resume(returning: isReady) }
    }

    /// Works until ``stop()`` or until the task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await self.prepare()
                if !Task.isCancelled { await self.maintenance.run() }
            }
            for await _ in stopped {}
            group.cancelAll()
        }
        note(nil, isOver: true)
    }

    func stop() {
        stopping.finish()
    }

    /// Asks until the schema is right.
    private func prepare() async {
        var pause = Self.firstPause
        while !Task.isCancelled {
            let found = await look()
            if found != .unknown { note(found) }
            if case .ready = found { return }
            if mode == .assume, case .wrong = found { return }
            try? await Task.sleep(for: pause * Double.random(in: 0.5...1))
            pause = min(pause * 2, Self.longestPause)
        }
    }

    private func look() async -> SchemaState {
        do throws(MigrationError) {
            if mode == .migrate { try await migrator.up() }
            let plan = try await migrator.plan()
            noteVersion(plan.current)
            guard plan.current >= wanted else {
                return .wrong(
                    reason: """
                        the schema is at version \(plan.current) and \(wanted) is needed: run sluice migrate up
                        """)
            }
            return .ready(version: plan.current)
        } catch {
            return judge(error)
        }
    }

    /// Who waits gets what this program carries; who does not look for it needs what the statements need.
    private var wanted: Int { mode == .assume ? SchemaVersion.needed : SchemaVersion.newest }

    private func judge(_ error: MigrationError) -> SchemaState {
        switch error {
        case .newerSchema(let version, _, _):
            // Released signatures stay: beside newer replicas this one goes on deciding.
            logger.notice("the schema is newer than this program", metadata: ["version": "\(version)"])
            noteVersion(version)
            return .ready(version: version)
        case .database(let cause), .lost(_, let cause):
            logger.debug("the schema could not be looked at", metadata: ["error": "\(cause)"])
            return .unknown
        default:
            if state != .wrong(reason: "\(error)") {
                logger.error("the schema is not right", metadata: ["error": "\(error)"])
            }
            return .wrong(reason: "\(error)")
        }
    }

    private func noteVersion(_ version: Int) {
        known.withLock { $0.versions.found = version }
    }
}
