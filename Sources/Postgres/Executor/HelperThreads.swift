import DequeModule
import Synchronization

/// A few threads for calls of libpq that block: connecting (host names, TLS, password hashing) and cancelling.
///
/// A thread lives while there is work. Work beyond the limit waits its turn, in order.
final class HelperThreads: Sendable {
    static let connecting = HelperThreads(limit: 16)
    static let cancelling = HelperThreads(limit: 8)

    private struct State {
        var waiting: Deque<@Sendable () -> Void> = []
        var running = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    func run(_ work: @escaping @Sendable () -> Void) {
        let startsThread = state.withLock { state in
            state.waiting.append(work)
            guard state.running < limit else { return false }
            state.running += 1
            return true
        }
        if startsThread { Threads.start { self.drain() } }
    }

    private func drain() {
        while let work = next() { work() }
    }

    private func next() -> (@Sendable () -> Void)? {
        state.withLock { state in
            if state.waiting.isEmpty { state.running -= 1 }
            return state.waiting.popFirst()
        }
    }
}
