import Glibc
import Synchronization

/// One thread that waits for sockets and runs the actors of the connections behind them.
///
/// A connection's actor has this as its serial executor, so that its work runs on the thread that its socket woke, with
/// no hop between. Statements of many connections share one thread; it never blocks but in `epoll_wait`.
///
/// It is no task executor as well, though callers on the loop would save two changes of threads: tried with Swift 6.3
/// (`runSynchronously(isolatedTo:taskExecutor:)`), a task now and then was not resumed.
///
/// The thread starts with the first work. ``shared`` lives as long as the process; one of your own ends by ``shutdown()``.
public final class EpollExecutor: SerialExecutor {
    /// The one that connections and pools use unless they are given another.
    public static let shared = EpollExecutor()

    /// Names something that the loop watches or wakes.
    typealias Token = UInt64

    private enum Work {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
    }

    private struct Source {
        /// -1 for a timer.
        var descriptor: Int32
        var onReady: @Sendable (Epoll.Readiness) -> Void
        var deadline: ContinuousClock.Instant?
        var onDeadline: @Sendable () -> Void
    }

    private struct State {
        var work: [Work] = []
        var sources: [Token: Source] = [:]
        var nextToken: Token = 0
        /// No later than the earliest deadline of all sources.
        var wakeBy: ContinuousClock.Instant?
        /// A thread runs the loop, or is about to.
        var isRunning = false
        /// Inside `epoll_wait`, and nobody has woken it yet.
        var isWaiting = false
        var isShutDown = false
    }

    private let epoll = Epoll()
    private let state = Mutex(State())
    /// The loop's thread; 0 when none runs.
    private let thread = Atomic<pthread_t>(0)

    /// A loop of its own; no thread yet.
    public init() {}

    /// Ends the thread as soon as nothing is left to do: when the last connection on it has closed. Work that comes later
    /// starts it again.
    public func shutdown() {
        submit { $0.isShutDown = true }
    }

    // MARK: Executor

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        submit { $0.work.append(.job(job)) }
    }

    public func checkIsolated() {
        precondition(isOnLoop, "not on the thread of this executor")
    }

    /// Whether this is the loop's thread.
    public func isIsolatingCurrentContext() -> Bool? { isOnLoop }

    /// Whether there is a thread, for tests.
    var isRunning: Bool { state.withLock { $0.isRunning } }

    private var isOnLoop: Bool { thread.load(ordering: .relaxed) == pthread_self() }

    // MARK: Calls and timers

    /// Runs a closure on the loop, after the work that is there already.
    func post(_ call: @escaping @Sendable () -> Void) {
        submit { $0.work.append(.call(call)) }
    }

    /// Returns when the loop has done all that it was given before.
    func catchUp() async {
        await withCheckedContinuation { continuation in post { continuation.resume() } }
    }

    /// Watches a socket for reading, and wakes at a deadline once one is set.
    ///
    /// - Returns: `nil` when the kernel refuses.
    func watch(
        _ descriptor: Int32, onReady: @escaping @Sendable (Epoll.Readiness) -> Void,
        onDeadline: @escaping @Sendable () -> Void
    ) -> Token? {
        let token = insert(Source(descriptor: descriptor, onReady: onReady, deadline: nil, onDeadline: onDeadline))
        if epoll.add(descriptor, token: token, for: .reading) { return token }
        _ = state.withLock { $0.sources.removeValue(forKey: token) }
        return nil
    }

    /// A timer without a socket; `setDeadline` sets and sets it again.
    func makeTimer(_ onDeadline: @escaping @Sendable () -> Void) -> Token {
        insert(Source(descriptor: -1, onReady: { _ in }, deadline: nil, onDeadline: onDeadline))
    }

    /// Changes what a socket is watched for. A broken one is noticed whatever it is.
    func setInterest(_ token: Token, _ interest: Epoll.Readiness) {
        guard let source = state.withLock({ $0.sources[token] }), source.descriptor >= 0 else { return }
        epoll.change(source.descriptor, token: token, to: interest)
    }

    /// Calls back once, at this time or up to a millisecond later. `nil` sets it off.
    func setDeadline(_ token: Token, _ deadline: ContinuousClock.Instant?) {
        submit { state in
            state.sources[token]?.deadline = deadline
            if let deadline { state.wakeBy = min(state.wakeBy ?? deadline, deadline) }
        }
    }

    /// Calls back at this time, or sooner if that was asked for already: safe to be called from many threads.
    func bringForward(_ token: Token, to deadline: ContinuousClock.Instant) {
        submit { state in
            guard let source = state.sources[token] else { return }
            state.sources[token]?.deadline = min(source.deadline ?? deadline, deadline)
            state.wakeBy = min(state.wakeBy ?? deadline, deadline)
        }
    }

    /// Forgets a socket or a timer.
    ///
    /// - Parameter isClosed: the socket was closed before, which took it out of epoll: its number may be another's by now.
    func remove(_ token: Token, isClosed: Bool = false) {
        submit { state in
            guard let source = state.sources.removeValue(forKey: token) else { return }
            if source.descriptor >= 0, !isClosed { epoll.remove(source.descriptor) }
        }
    }

    private func insert(_ source: Source) -> Token {
        state.withLock { state in
            state.nextToken += 1
            state.sources[state.nextToken] = source
            return state.nextToken
        }
    }

    // MARK: The loop

    /// Changes the state and sees to it that the loop notices.
    private func submit(_ change: (inout State) -> Void) {
        let (starts, wakes) = state.withLock { state in
            change(&state)
            let starts = !state.isRunning && !(state.work.isEmpty && state.sources.isEmpty)
            if starts { state.isRunning = true }
            let wakes = state.isWaiting && !isOnLoop
            if wakes { state.isWaiting = false }
            return (starts, wakes)
        }
        if wakes { epoll.wake() }
        if starts { Threads.start { self.loop() } }
    }

    private func loop() {
        let serial = asUnownedSerialExecutor()
        thread.store(pthread_self(), ordering: .relaxed)
        var ready: [(token: Token, readiness: Epoll.Readiness)] = []
        while let timeout = prepareToWait() {
            epoll.wait(milliseconds: timeout) { ready.append(($0, $1)) }
            let (sources, due, work) = collect(ready)
            for (source, event) in zip(sources, ready) { source?.onReady(event.readiness) }
            ready.removeAll(keepingCapacity: true)
            for call in due { call() }
            for item in work {
                switch item {
                case .job(let job): job.runSynchronously(on: serial)
                case .call(let call): call()
                }
            }
        }
    }

    /// How long to wait in milliseconds, rounded up; `nil` ends the loop.
    private func prepareToWait() -> Int32? {
        state.withLock { state in
            guard state.work.isEmpty else { return 0 }
            if state.isShutDown, state.sources.isEmpty {
                state.isRunning = false
                thread.store(0, ordering: .relaxed)
                return nil
            }
            state.isWaiting = true
            guard let wakeBy = state.wakeBy else { return -1 }
            return Self.milliseconds(until: wakeBy)
        }
    }

    /// What to do after a wait: whose sockets are ready, whose deadlines have passed, what was asked for meanwhile.
    private func collect(
        _ ready: [(token: Token, readiness: Epoll.Readiness)]
    ) -> (sources: [Source?], due: [@Sendable () -> Void], work: [Work]) {
        state.withLock { state in
            state.isWaiting = false
            var work: [Work] = []
            swap(&work, &state.work)
            return (ready.map { state.sources[$0.token] }, Self.takeDue(&state), work)
        }
    }

    private static func takeDue(_ state: inout State) -> [@Sendable () -> Void] {
        guard let wakeBy = state.wakeBy, wakeBy <= .now else { return [] }
        let now = ContinuousClock.now
        var due: [(deadline: ContinuousClock.Instant, call: @Sendable () -> Void)] = []
        state.wakeBy = nil
        for (token, source) in state.sources {
            guard let deadline = source.deadline else { continue }
            if deadline <= now {
                state.sources[token]?.deadline = nil
                due.append((deadline, source.onDeadline))
            } else {
                state.wakeBy = min(state.wakeBy ?? deadline, deadline)
            }
        }
        return due.sorted { $0.deadline < $1.deadline }.map(\.call)
    }

    private static func milliseconds(until deadline: ContinuousClock.Instant) -> Int32 {
        let (seconds, attoseconds) = (deadline - .now).components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 3_600 else { return 3_600_000 }
        return Int32(seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
