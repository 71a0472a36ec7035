import SluiceCore
import Synchronization

/// The public keys of an issuer, kept up to date while the issuer rotates them.
///
/// They are loaded by ``run()`` every now and then, and at once when a token names a key that is not there, but never more often than
/// ``JWKSettings/minimumPause`` and never twice at once. While the issuer is away the last ones count, up to ``JWKSettings/maximumAge``.
public final class JWKSource: Sendable {
    enum Finding: Sendable {
        case key(PublicKey)
        case absent
        /// No keys could be loaded yet, or not for too long.
        case unavailable(retryAfter: Duration)
    }

    private struct State {
        var keys: KeySetState
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let settings: JWKSettings
    private let fetch: @Sendable () async throws -> [UInt8]
    private let uptime: @Sendable () -> ContinuousClock.Instant
    private let sleep: @Sendable (Duration) async throws -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - uptime: tells how long ago something was, however the wall clock is set.
    ///   - sleep: waits between two loads; throws when its task is cancelled.
    ///   - fetch: gets the document, of which it need not read more than 512 KiB and a byte. What it throws is not passed on, except a
    ///     ``JWKSError``.
    public init(
        settings: JWKSettings = JWKSettings(), uptime: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        fetch: @escaping @Sendable () async throws -> [UInt8]
    ) {
        self.settings = settings
        self.fetch = fetch
        self.uptime = uptime
        self.sleep = sleep
        state = Mutex(State(keys: KeySetState(settings)))
    }

    /// Keys in a file, which may be replaced at any time.
    public convenience init(file path: String, settings: JWKSettings = .file) {
        self.init(settings: settings) { try JWKSFile.read(path) }
    }

    /// Loads the keys every ``JWKSettings/refreshEvery`` until its task is cancelled.
    public func run() async {
        repeat { await load(isDue: true) } while (try? await sleep(settings.refreshEvery)) != nil
    }

    /// Loads the keys now, whatever came before.
    ///
    /// - Throws: why that failed. The keys that there are still count.
    public func refresh() async throws(JWKSError) {
        await load(isDue: true)
        if let failure = lastFailure { throw failure }
    }

    /// Keys that can be used; `nil` where none were loaded, or too long ago.
    public var keyCount: Int? {
        let now = uptime()
        return state.withLock { $0.keys.current(at: now)?.count }
    }

    /// Why the last load failed; `nil` if it did not.
    public var lastFailure: JWKSError? { state.withLock { $0.keys.failure } }

    /// Changes whenever other keys count.
    var generation: UInt64 {
        let now = uptime()
        return state.withLock { state in
            _ = state.keys.current(at: now)
            return state.keys.generation
        }
    }

    /// The key for tokens of that algorithm; without an `id`, the only one.
    func find(_ algorithm: TokenAlgorithm, id: String?) async -> Finding {
        if let key = current?.find(algorithm, id: id) { return .key(key) }
        let retryAfter = await load(isDue: false)
        guard let current else { return .unavailable(retryAfter: max(retryAfter, .seconds(1))) }
        return current.find(algorithm, id: id).map { .key($0) } ?? .absent
    }

    private var current: KeySet? {
        let now = uptime()
        return state.withLock { $0.keys.current(at: now) }
    }

    /// Loads the keys, or waits for those who do, or does nothing where it is too soon.
    ///
    /// - Returns: after how long it makes sense to come again.
    @discardableResult
    private func load(isDue: Bool) async -> Duration {
        let now = uptime()
        var retryAfter = settings.minimumPause
        await withCheckedContinuation { continuation in
            let step = state.withLock { state in
                let step = state.keys.wanted(isDue: isDue, at: now)
                if step == .load || step == .wait { state.waiting.append(continuation) }
                return step
            }
            switch step {
            // A task of its own: whoever asked first may go away, and others wait for the same keys.
            case .load: Task { await load() }
            case .wait: break
            case .tooSoon(let rest):
                retryAfter = rest
                continuation.resume()
            }
        }
        return retryAfter
    }

    private func load() async {
        let result = await read()
        let now = uptime()
        let waiting = state.withLock { state in
            switch result {
            case .success(let (keys, digest)): state.keys.loaded(keys, digest: digest, at: now)
            case .failure(let error): state.keys.failed(error)
            }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    private func read() async -> Result<(KeySet, KeyDigest), JWKSError> {
        let deadline = ContinuousClock.now.advanced(by: settings.deadline)
        let answer = await punctual(by: deadline) { [fetch] () async throws(StoreError) -> Result<[UInt8], JWKSError> in
            do { return .success(try await fetch()) } catch { return .failure(error as? JWKSError ?? .unreachable) }
        }
        guard case .success(let fetched) = answer else { return .failure(.unreachable) }
        do throws(JWKSError) {
            let document = try fetched.get()
            return .success((try await KeySet(document), KeyDigest(of: document)))
        } catch {
            return .failure(error)
        }
    }
}
