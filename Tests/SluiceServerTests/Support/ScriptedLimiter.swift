import SluiceCore
import Synchronization

/// A limiter that answers as the test says and remembers what it was asked.
final class ScriptedLimiter: Limiter {
    typealias Admit = @Sendable (Call, Policy) async throws(LimiterError) -> Decision
    typealias Look = @Sendable (UserID, Int64, Policy) async throws(LimiterError) -> Peek

    private let onAdmit: Admit
    private let onPeek: Look
    private let asked = Mutex<[Call]>([])

    init(
        admit: @escaping Admit = { call, policy in .admitted(Sample.admission(of: call, under: policy)) },
        peek: @escaping Look = { user, _, policy in Sample.peek(user, under: policy) }
    ) {
        onAdmit = admit
        onPeek = peek
    }

    /// The calls that were asked about, in order.
    var calls: [Call] { asked.withLock { $0 } }

    func admit(_ call: Call, under policy: Policy) async throws(LimiterError) -> Decision {
        asked.withLock { $0.append(call) }
        return try await onAdmit(call, policy)
    }

    func peek(_ user: UserID, weight: Int64, under policy: Policy) async throws(LimiterError) -> Peek {
        try await onPeek(user, weight, policy)
    }
}
