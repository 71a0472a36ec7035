import Glibc

/// All that a ``FaultProxy`` has open. Belongs to its thread.
struct ProxyWorld {
    private let port: Int
    private let upstream: String
    private var listener: Int32?
    private var mode = FaultProxy.Mode.pass
    private var connections: [ProxyConnection] = []
    private var generator: SeededGenerator
    private(set) var isOver = false

    init(listener: Int32, port: Int, upstream: String, seed: UInt64) {
        self.listener = listener
        self.port = port
        self.upstream = upstream
        generator = SeededGenerator(seed: seed)
    }

    var status: FaultProxy.Status {
        FaultProxy.Status(
            connections: connections.count, lost: connections.count(where: \.isLost),
            waitingBytes: connections.reduce(0) { $0 + $1.waiting })
    }

    // MARK: Orders

    mutating func change(to mode: FaultProxy.Mode, for scope: FaultProxy.Scope) {
        if scope != .existing {
            self.mode = mode
            listen(mode != .refuse)
        }
        guard scope != .new else { return }
        if mode == .reset || mode == .refuse {
            for connection in connections { connection.reset() }
            connections = []
        }
        let now = ContinuousClock.now
        for index in connections.indices { connections[index].change(to: mode, now: now) }
    }

    mutating func end() {
        listen(false)
        for connection in connections { connection.close() }
        connections = []
        isOver = true
    }

    private mutating func listen(_ isWanted: Bool) {
        if isWanted, listener == nil { listener = try? LoopbackSocket.listen(on: port) }
        if !isWanted, let open = listener {
            close(open)
            listener = nil
        }
    }

    // MARK: Moving

    /// What to poll: the listener, then each connection's two sockets; and for how many milliseconds at most.
    func interests() -> ([pollfd], Int32) {
        let now = ContinuousClock.now
        var polled = [pollfd(fd: listener ?? -1, events: Int16(POLLIN), revents: 0)]
        var due: ContinuousClock.Instant?
        for connection in connections {
            polled.append(Self.interest(connection.client, connection.clientEvents(now)))
            polled.append(Self.interest(connection.server ?? -1, connection.serverEvents(now)))
            due = [due, connection.nextDue(after: now)].compactMap { $0 }.min()
        }
        guard let due else { return (polled, -1) }
        return (polled, Int32(clamping: Int64((due - now) / .milliseconds(1)) + 1))
    }

    /// A socket that nothing is wanted from is left out: its end would be told again and again.
    private static func interest(_ descriptor: Int32, _ events: Int32) -> pollfd {
        pollfd(fd: events == 0 ? -1 : descriptor, events: Int16(events), revents: 0)
    }

    /// - Parameter polled: ``interests()``, answered.
    mutating func move(_ polled: [pollfd]) {
        let now = ContinuousClock.now
        for index in connections.indices {
            connections[index].move(
                clientReady: polled[2 * index + 1].revents != 0, serverReady: polled[2 * index + 2].revents != 0,
                now: now, using: &generator)
        }
        for connection in connections where connection.isOver { connection.close() }
        connections.removeAll(where: \.isOver)
        if polled[0].revents != 0 { take() }
    }

    private mutating func take() {
        while let listener, let client = LoopbackSocket.accept(listener) {
            let isReached = mode != .reset && mode != .blackhole
            let server = isReached ? LoopbackSocket.connect(toSocket: upstream) : nil
            if mode == .reset || (isReached && server == nil) {
                LoopbackSocket.reset(client)
            } else {
                connections.append(ProxyConnection(client: client, server: server, mode: mode))
            }
        }
    }
}
