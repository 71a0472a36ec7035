import Synchronization

/// Lets as many pass as it was opened for; the others wait.
public final class Gate: Sendable {
    fileprivate struct Shared {
        var free = 0
        var isOpen = false
        var next = 0
        var waiting: [(id: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    private let shared = Mutex(Shared())

    public init() {}

    public var isOpen: Bool { shared.withLock { $0.isOpen } }

    /// Lets one more pass, now or later.
    public func open() {
        let first = shared.withLock { shared -> CheckedContinuation<Bool, Never>? in
            guard shared.waiting.isEmpty else { return shared.waiting.removeFirst().continuation }
            shared.free += 1
            return nil
        }
        first?.resume(returning: true)
    }

    /// Lets everyone pass from now on.
    public func openForGood() {
        let waiting = shared.withLock { shared in
            shared.isOpen = true
            defer { shared.waiting = [] }
            return shared.waiting.map(\.continuation)
        }
        for continuation in waiting { continuation.resume(returning: true) }
    }

    /// - Throws: `CancellationError` when the task is cancelled before it may pass.
    public func pass() async throws {
        let id = shared.withLock { shared in
            shared.next += 1
            return shared.next
        }
        let mayPass = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = shared.withLock { $0.ask(id, continuation) }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = shared.withLock { $0.remove(id) }
            waiter?.resume(returning: false)
        }
        if !mayPass { throw CancellationError() }
    }
}

extension Gate.Shared {
    /// - Returns: `nil` when there is to be waited.
    fileprivate mutating func ask(_ id: Int, _ continuation: CheckedContinuation<Bool, Never>) -> Bool? {
        if isOpen { return true }
        // Checked under the lock: the cancellation's handler either finds the waiter or was before this.
        if Task.isCancelled { return false }
        if free > 0 {
            free -= 1
            return true
        }
        waiting.append((id, continuation))
        return nil
    }

    fileprivate mutating func remove(_ id: Int) -> CheckedContinuation<Bool, Never>? {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return nil }
        return waiting.remove(at: index).continuation
    }
}
