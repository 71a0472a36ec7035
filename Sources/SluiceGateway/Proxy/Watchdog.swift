import NIOCore
import Synchronization

/// Stops a call when something in it takes too long.
final class Watchdog: Sendable {
    private struct Shared {
        var machine: DeadlineMachine
        var timer: Scheduled<Void>?
        var onExpiry: (@Sendable () -> Void)?
    }

    private let loop: any EventLoop
    private let shared: Mutex<Shared>

    init(on loop: any EventLoop, total: Duration) {
        self.loop = loop
        shared = Mutex(Shared(machine: DeadlineMachine(limit: .now() + TimeAmount(total))))
    }

    var hasExpired: Bool { shared.withLock { $0.machine.hasExpired } }
    var limit: NIODeadline { shared.withLock { $0.machine.limit } }

    /// Calls `action` when time is up, or now if it is.
    func whenExpired(_ action: @escaping @Sendable () -> Void) {
        let hasExpired = shared.withLock { shared in
            shared.onExpiry = action
            return shared.machine.hasExpired
        }
        if hasExpired { action() }
    }

    /// From now on, `patience` is given; `nil` gives what is left of the total.
    func wait(_ patience: Duration?) {
        let deadline = patience.map { NIODeadline.now() + TimeAmount($0) }
        set { $0.wait(until: deadline) }
    }

    /// From now on, the total is no more than `duration`.
    func limit(to duration: Duration) {
        let deadline = NIODeadline.now() + TimeAmount(duration)
        set { $0.lower(limit: deadline) }
    }

    func end() {
        let timer = shared.withLock { shared in
            shared.machine.end()
            shared.onExpiry = nil
            return shared.timer.take()
        }
        timer?.cancel()
    }

    private func set(_ change: (inout DeadlineMachine) -> NIODeadline?) {
        let old = shared.withLock { shared -> Scheduled<Void>? in
            guard let deadline = change(&shared.machine) else { return nil }
            let old = shared.timer
            shared.timer = loop.scheduleTask(deadline: deadline) { self.fired() }
            return old
        }
        old?.cancel()
    }

    private func fired() {
        let onExpiry = shared.withLock { shared -> (@Sendable () -> Void)? in
            switch shared.machine.fired(at: .now()) {
            case .expired:
                return shared.onExpiry
            case .rearm(let deadline):
                shared.timer = loop.scheduleTask(deadline: deadline) { self.fired() }
                return nil
            case .none:
                return nil
            }
        }
        onExpiry?()
    }
}
