import SluiceCore
import SluiceTesting
import Synchronization

/// Callers at work on replicas, and what they heard so far.
final class Load: Sendable {
    /// What is known while it goes on.
    struct Progress: Sendable {
        var enforced = 0
        /// When the question of the newest enforced admission was sent.
        var lastEnforced: ContinuousClock.Instant?
    }

    let plan: LoadPlan
    let ports: [Int]
    private let state: Mutex<(progress: Progress, users: [UserID], isOver: Bool)>
    private let callers: Mutex<[Task<[CallRecord], Never>]> = Mutex([])

    private init(_ plan: LoadPlan, ports: [Int]) {
        self.plan = plan
        self.ports = ports
        var generator = SeededGenerator(seed: FaultSettings.seed)
        let users = (0..<plan.users).map { _ in UserID.drawn(&generator) }
        state = Mutex((Progress(), users, false))
    }

    /// - Parameter ports: of the replicas; callers are shared out over them.
    static func start(_ plan: LoadPlan, on ports: [Int]) -> Load {
        let load = Load(plan, ports: ports)
        let callers = (0..<plan.callers).map { number in
            Task {
                await OwnThread.run {
                    var caller = LoadCaller(load, number: number)
                    return caller.run()
                }
            }
        }
        load.callers.withLock { $0 = callers }
        return load
    }

    var progress: Progress { state.withLock(\.progress) }
    var isOver: Bool { state.withLock(\.isOver) }

    /// Ends it and returns every call.
    func stop() async -> [CallRecord] {
        state.withLock { $0.isOver = true }
        var records: [CallRecord] = []
        for caller in callers.withLock({ $0 }) { records += await caller.value }
        return records
    }

    /// One of those who call now. After some forty calls of a user another one comes.
    func user(using generator: inout SeededGenerator) -> UserID {
        let index = Int.random(in: 0..<plan.users, using: &generator)
        if index == 0, let regular = plan.regular { return regular }
        let isNew = Int.random(in: 0..<40, using: &generator) == 0
        let fresh = UserID.drawn(&generator)
        return state.withLock { state in
            if isNew { state.users[index] = fresh }
            return state.users[index]
        }
    }

    func heard(_ record: CallRecord) {
        state.withLock { state in
            guard record.outcome == .enforced else { return }
            state.progress.enforced += 1
            state.progress.lastEnforced = max(record.began, state.progress.lastEnforced ?? record.began)
        }
    }
}

extension UserID {
    fileprivate static func drawn(_ generator: inout SeededGenerator) -> UserID {
        UserID(bits: UUIDBits(high: generator.next(), low: generator.next()))
    }
}
