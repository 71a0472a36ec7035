import SluiceCore
import Synchronization
import Testing

/// A store that asks the test for every answer.
final class ScriptedStore: AdmissionStore {
    typealias Answer = Result<[Result<Decision, StoreError>], StoreError>

    /// A batch that waits for its answer.
    struct Question: Sendable {
        let calls: [Call]
        let policy: Policy
        let waitsForLocks: Bool
        let deadline: ContinuousClock.Instant
        private let continuation: CheckedContinuation<Answer, Never>

        init(
            _ calls: [Call], _ policy: Policy, waitsForLocks: Bool, _ deadline: ContinuousClock.Instant,
            _ continuation: CheckedContinuation<Answer, Never>
        ) {
            self.calls = calls
            self.policy = policy
            self.waitsForLocks = waitsForLocks
            self.deadline = deadline
            self.continuation = continuation
        }

        func answer(_ answer: Answer) { continuation.resume(returning: answer) }

        /// Admits the calls, but for those of `busy`.
        func admitAll(but busy: UserID? = nil) {
            answer(.success(calls.map { $0.user == busy ? .failure(.busy) : .success(.plain($0, policy)) }))
        }
    }

    let questions: AsyncStream<Question>
    private let asking: AsyncStream<Question>.Continuation
    private let count = Mutex(0)

    init() {
        (questions, asking) = AsyncStream.makeStream()
    }

    /// Batches so far.
    var asked: Int { count.withLock { $0 } }

    /// Admits what is asked until the task is cancelled.
    ///
    /// - Returns: the calls.
    func admitEverything() async -> Set<CallID> {
        var calls: Set<CallID> = []
        for await question in questions {
            calls.formUnion(question.calls.map(\.id))
            question.admitAll()
        }
        return calls
    }

    func admit(
        _ calls: [Call], under policy: Policy, waitingForLocks: Bool, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [Result<Decision, StoreError>] {
        count.withLock { $0 += 1 }
        let answer = await withCheckedContinuation {
            asking.yield(Question(calls, policy, waitsForLocks: waitingForLocks, deadline, $0))
        }
        return try answer.get()
    }

    func peek(
        _ user: UserID, weight: Int64, under policy: Policy, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> Peek {
        throw .lost
    }

    func probe(deadline: ContinuousClock.Instant) async throws(StoreError) {}
}

extension StoreError {
    static let busy = StoreError(.contended, "the user's lock was not granted")
    static let lost = StoreError(.unavailable, "connection lost")
}

extension Decision {
    /// A refusal that ends after `wait`.
    static func refused(for wait: Duration, under policy: Policy) -> Decision {
        let now = Timestamp(microseconds: 1)
        return .refused(Refusal(decidedAt: now, retryAt: now.advanced(by: wait), policy: policy, windows: []))
    }

    /// An enforced admission, without a window.
    static func plain(_ call: Call, _ policy: Policy) -> Decision {
        .admitted(
            Admission(
                callID: call.id, admittedAt: Timestamp(microseconds: 1), mode: .enforced, policy: policy, windows: []))
    }
}

/// Waits for what nothing signals.
func eventually(_ condition: @Sendable () async -> Bool, _ location: SourceLocation = #_sourceLocation) async throws {
    let end = ContinuousClock.now + .seconds(30)
    while await !condition() {
        try #require(ContinuousClock.now < end, "in vain", sourceLocation: location)
        await Task.yield()
    }
}
