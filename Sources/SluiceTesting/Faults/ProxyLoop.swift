import Glibc
import Synchronization

/// The thread of a ``FaultProxy`` and the orders that it takes.
final class ProxyLoop: Sendable {
    typealias Order = @Sendable (inout ProxyWorld) -> Void

    private let orders = Mutex<[Order]>([])
    /// A pipe: a byte in it ends a wait.
    private let bell: (reading: Int32, writing: Int32)
    private let start: @Sendable () -> ProxyWorld

    init(port: Int, upstream: String, seed: UInt64) throws(FixtureError) {
        let listener = try LoopbackSocket.listen(on: port)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw FixtureError("no pipe can be had: errno \(errno)") }
        for end in ends { LoopbackSocket.neverBlock(end) }
        bell = (ends[0], ends[1])
        start = { ProxyWorld(listener: listener, port: port, upstream: upstream, seed: seed) }
    }

    deinit {
        close(bell.reading)
        close(bell.writing)
    }

    func submit(_ order: @escaping Order) {
        orders.withLock { $0.append(order) }
        write(bell.writing, [1], 1)
    }

    /// Until an order ends it.
    func run() {
        var world = start()
        while !world.isOver {
            var (polled, timeout) = world.interests()
            polled.append(pollfd(fd: bell.reading, events: Int16(POLLIN), revents: 0))
            poll(&polled, nfds_t(polled.count), timeout)
            var rings = [UInt8](repeating: 0, count: 256)
            read(bell.reading, &rings, rings.count)
            // First what came before the orders.
            world.move(polled)
            for order in orders.withLock({ orders in
                defer { orders = [] }
                return orders
            }) {
                order(&world)
            }
        }
    }
}
