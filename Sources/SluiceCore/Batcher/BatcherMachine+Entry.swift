extension BatcherMachine {
    /// A call that waits. One reference and a few marks, so that queues and batches pass it on cheaply.
    struct Entry: Sendable {
        private final class Body: Sendable {
            let call: Call
            let policy: Policy
            let deadline: Instant
            let token: Token

            init(call: Call, policy: Policy, deadline: Instant, token: Token) {
                self.call = call
                self.policy = policy
                self.deadline = deadline
                self.token = token
            }
        }

        private let body: Body
        /// Times that it was tried and its user was busy.
        var attempts = 0
        /// Whether it goes in a batch of its own.
        var isAlone = false
        /// Whether it was tried again for want of a partition.
        var missedPartition = false

        init(call: Call, policy: Policy, deadline: Instant, token: Token) {
            body = Body(call: call, policy: policy, deadline: deadline, token: token)
        }

        var call: Call { body.call }
        var user: UserID { body.call.user }
        var policy: Policy { body.policy }
        var deadline: Instant { body.deadline }
        var token: Token { body.token }

        /// Whether it goes along with others, in a batch that waits for no lock.
        var goesPromptly: Bool { attempts < BatcherMachine.promptAttempts && !isAlone }
    }

    /// Calls on their way to the store.
    struct Batch: Sendable {
        let id: Int
        let policy: Policy
        let sentAt: Instant
        /// Whether to wait for the user's lock: only of a single user who was busy before, so that nobody else waits along.
        let waitsForLock: Bool
        var entries: [Entry] = []
        /// The lanes that they are of.
        var lanes: [Int] = []
        /// The latest of its calls': an earlier one would cut the others short, and their callers are answered without it.
        var deadline: Instant

        /// Makes room for so many calls.
        mutating func reserve(_ count: Int) {
            entries.reserveCapacity(count)
            lanes.reserveCapacity(count)
        }
    }
}
