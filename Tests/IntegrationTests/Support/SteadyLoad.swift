import SluiceCore
import SluiceTesting
import Synchronization

/// Calls without a pause, from many clients at once, until told to stop: half of them of a few users whose windows are full,
/// the other half of users who were never seen, so that each of these is a decision of the database.
final class SteadyLoad: Sendable {
    /// Whose windows fill.
    let regulars = (0..<4).map { _ in UserID.fresh() }
    private let isOver = Atomic(false)
    private let answers = Atomic(0)

    /// - Throws: what a connection does.
    func run(_ clients: [ReplicaClient]) async throws -> [Attempt] {
        try await withThrowingTaskGroup(of: [Attempt].self) { group in
            for client in clients { group.addTask { try await self.calls(client) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    func stop() { isOver.store(true, ordering: .relaxed) }

    /// Returns when so many more calls were answered: false if that takes longer than anything but a defect does.
    func answered(_ count: Int) async throws -> Bool {
        let wanted = answers.load(ordering: .relaxed) + count
        return try await eventually { answers.load(ordering: .relaxed) >= wanted }
    }

    private func calls(_ client: ReplicaClient) async throws -> [Attempt] {
        var attempts: [Attempt] = []
        while !isOver.load(ordering: .relaxed), !Task.isCancelled {
            let isRegular = attempts.count.isMultiple(of: 2)
            let user = isRegular ? regulars[attempts.count / 2 % regulars.count] : UserID.fresh()
            attempts.append(try await .make(client, user, weight: 1))
            answers.add(1, ordering: .relaxed)
        }
        return attempts
    }
}
