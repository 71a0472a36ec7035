public import SluiceCore
import Synchronization

/// Tells whose an API key is, from memory where it can and from a ``KeyStore`` where it must.
///
/// While the store is away, a key that it confirmed within ``KeyDirectorySettings/outageGrace`` is let in until it expires, a revoked one
/// stays refused, and nobody else is let in: right after a start nothing is known, so without a store every key is answered with
/// ``Authentication/unavailable(retryAfter:)``.
///
/// Keys are looked up by their SHA-256, which nobody can steer: how long it takes tells nothing that helps to guess one.
public final class KeyDirectory: Sendable {
    typealias Answer = KeyTable.Answer

    private struct State {
        var table: KeyTable
        var waiting: [KeyDigest: [CheckedContinuation<Answer, Never>]] = [:]
    }

    let store: any KeyStore
    let settings: KeyDirectorySettings
    let sleep: @Sendable (Duration) async throws -> Void
    let uses: Mutex<KeyUses>
    private let now: @Sendable () -> Timestamp
    private let uptime: @Sendable () -> ContinuousClock.Instant
    private let state: Mutex<State>

    /// - Parameters:
    ///   - now: the wall clock, which tells what has expired and when a key was used.
    ///   - uptime: tells how long ago something was confirmed, however the wall clock is set.
    ///   - sleep: waits between two writings of last uses; throws when its task is cancelled.
    public init(
        _ store: any KeyStore, settings: KeyDirectorySettings = KeyDirectorySettings(),
        now: @escaping @Sendable () -> Timestamp, uptime: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.store = store
        self.settings = settings
        self.now = now
        self.uptime = uptime
        self.sleep = sleep
        uses = Mutex(KeyUses(maximum: settings.maximumKeys))
        state = Mutex(State(table: KeyTable(settings)))
    }

    /// Waits for the store no longer than ``KeyDirectorySettings/deadline``.
    public func authenticate(_ secret: APIKeySecret) async -> Authentication {
        switch await find(secret.digest) {
        case .absent: .rejected(.unknown)
        case .unavailable(let retryAfter): .unavailable(retryAfter: retryAfter)
        case .key(let key): admit(key)
        }
    }

    /// Whether the key is remembered, valid, and a service's. Asks nobody.
    public func isKnownService(_ digest: KeyDigest) -> Bool {
        let instant = uptime()
        guard let key = state.withLock({ $0.table.remembered(digest, at: instant) }) else { return false }
        return key.role == .service && key.isValid(at: now())
    }

    /// A key was revoked through this replica: from now on it is refused here, elsewhere within ``KeyDirectorySettings/freshFor``.
    public func forget(_ id: KeyID) {
        let time = now()
        state.withLock { $0.table.revoke(id, at: time) }
    }

    /// Keys remembered: known ones, and such as the store does not know.
    package var count: (known: Int, absent: Int) { state.withLock { $0.table.count } }

    private func admit(_ key: APIKey) -> Authentication {
        let time = now()
        guard key.revokedAt == nil else { return .rejected(.revoked) }
        guard key.isValid(at: time) else { return .rejected(.expired) }
        uses.withLock { $0.note(key.id, at: time) }
        return .known(Principal(user: key.user, role: key.role, credential: .key(key.id)))
    }

    private func find(_ digest: KeyDigest) async -> Answer {
        let instant = uptime()
        let step = state.withLock { $0.table.presented(digest, at: instant) }
        if case .answer(let answer) = step { return answer }
        return await withCheckedContinuation { wait(for: digest, $0) }
    }

    /// Takes the step anew, since it may be another by now, and in one piece with the waiting.
    private func wait(for digest: KeyDigest, _ continuation: CheckedContinuation<Answer, Never>) {
        let instant = uptime()
        let step = state.withLock { state in
            let step = state.table.presented(digest, at: instant)
            if step == .ask { state.table.asked(digest, at: instant) }
            if step == .ask || step == .wait { state.waiting[digest, default: []].append(continuation) }
            return step
        }
        switch step {
        case .answer(let answer): continuation.resume(returning: answer)
        case .wait: break
        // A task of its own: whoever asked first may go away, and others wait for the same answer.
        case .ask: Task { await ask(digest) }
        }
    }

    private func ask(_ digest: KeyDigest) async {
        let deadline = ContinuousClock.now.advanced(by: settings.deadline)
        let result = await punctual(by: deadline) { [store] () async throws(StoreError) in
            try await store.find(digest, deadline: deadline)
        }
        let instant = uptime()
        let (answer, waiting) = state.withLock { state in
            (state.table.finished(digest, result, at: instant), state.waiting.removeValue(forKey: digest) ?? [])
        }
        for continuation in waiting { continuation.resume(returning: answer) }
    }
}
