import CLibPQ
import Glibc

/// One epoll instance and the eventfd that wakes it.
final class Epoll: Sendable {
    /// What a descriptor is ready for.
    struct Readiness: OptionSet, Sendable {
        let rawValue: UInt8
        static let reading = Readiness(rawValue: 1)
        static let writing = Readiness(rawValue: 2)
        /// Hung up or broken: whatever is tried next tells.
        static let broken = Readiness(rawValue: 4)
    }

    private static let wakeToken: UInt64 = .max
    private static let capacity = 64

    private let epoll: Int32
    private let wakeup: Int32

    init() {
        epoll = epoll_create1(Int32(bitPattern: 0x80000))  // EPOLL_CLOEXEC
        wakeup = eventfd(0, 0x80800)  // EFD_CLOEXEC | EFD_NONBLOCK
        precondition(epoll >= 0 && wakeup >= 0, "no file descriptors are left for the database's event loop")
        control(EPOLL_CTL_ADD, wakeup, Self.wakeToken, [.reading], isEdge: true)
    }

    deinit {
        close(wakeup)
        close(epoll)
    }

    /// Watches a descriptor under a token of the caller's. False when the kernel refuses.
    @discardableResult
    func add(_ descriptor: Int32, token: UInt64, for interest: Readiness) -> Bool {
        control(EPOLL_CTL_ADD, descriptor, token, interest)
    }

    func change(_ descriptor: Int32, token: UInt64, to interest: Readiness) {
        control(EPOLL_CTL_MOD, descriptor, token, interest)
    }

    /// Must come before the descriptor is closed, lest its number be someone else's by then.
    func remove(_ descriptor: Int32) {
        control(EPOLL_CTL_DEL, descriptor, 0, [])
    }

    /// Makes the current or the next `wait` return. Safe from any thread.
    func wake() {
        var one: UInt64 = 1
        _ = write(wakeup, &one, 8)
    }

    /// Blocks until a descriptor is ready, `wake`, or the time is over; -1 waits without end.
    func wait(milliseconds: Int32, _ ready: (_ token: UInt64, _ readiness: Readiness) -> Void) {
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: Self.capacity) { events in
            let count = epoll_wait(epoll, events.baseAddress, Int32(Self.capacity), milliseconds)
            for index in 0..<max(0, Int(count)) {
                let event = events[index]
                // Each write to the eventfd is an edge of its own, so it need not be read: its 64 bits do not fill up.
                guard event.data.u64 != Self.wakeToken else { continue }
                ready(event.data.u64, Self.readiness(event.events))
            }
        }
    }

    @discardableResult
    private func control(
        _ operation: Int32, _ descriptor: Int32, _ token: UInt64, _ interest: Readiness, isEdge: Bool = false
    ) -> Bool {
        var event = epoll_event()
        if interest.contains(.reading) { event.events |= EPOLLIN.rawValue | EPOLLRDHUP.rawValue }
        if interest.contains(.writing) { event.events |= EPOLLOUT.rawValue }
        if isEdge { event.events |= EPOLLET.rawValue }
        event.data.u64 = token
        return epoll_ctl(epoll, operation, descriptor, &event) == 0
    }

    private static func readiness(_ events: UInt32) -> Readiness {
        var readiness: Readiness = []
        if events & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 { readiness.insert(.reading) }
        if events & EPOLLOUT.rawValue != 0 { readiness.insert(.writing) }
        if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { readiness.insert(.broken) }
        return readiness
    }
}
