import Glibc

/// One connection through a ``FaultProxy``: two sockets and what is on its way between them.
struct ProxyConnection {
    let client: Int32
    /// `nil` when the server was never reached.
    let server: Int32?
    private(set) var mode: FaultProxy.Mode
    /// Bytes of it were swallowed: it is swallowed for ever, as by a firewall that has forgotten it.
    private(set) var isLost: Bool
    private var up = ProxyPipe()
    private var down = ProxyPipe()

    init(client: Int32, server: Int32?, mode: FaultProxy.Mode) {
        self.client = client
        self.server = server
        self.mode = mode
        isLost = mode == .blackhole
    }

    var waiting: Int { up.waiting + down.waiting }
    var isOver: Bool { !isLost && mode != .hold && up.isOver && down.isOver }
    private var flows: Bool { !isLost && mode != .hold }

    mutating func change(to mode: FaultProxy.Mode, now: ContinuousClock.Instant) {
        self.mode = mode
        if mode == .blackhole { isLost = true }
        if mode == .pass {
            up.hurry(now)
            down.hurry(now)
        }
    }

    func close() {
        Glibc.close(client)
        if let server { Glibc.close(server) }
    }

    func reset() {
        LoopbackSocket.reset(client)
        if let server { Glibc.close(server) }
    }

    // MARK: Waiting

    /// When bytes are due that are not yet.
    func nextDue(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        guard flows else { return nil }
        return [up.nextDue, down.nextDue].compactMap { $0 }.filter { $0 > now }.min()
    }

    func clientEvents(_ now: ContinuousClock.Instant) -> Int32 { events(from: up, to: down, now) }

    func serverEvents(_ now: ContinuousClock.Instant) -> Int32 { events(from: down, to: up, now) }

    private func events(from: ProxyPipe, to: ProxyPipe, _ now: ContinuousClock.Instant) -> Int32 {
        let reads = !from.isEnded && (isLost || !from.isFull)
        let writes = flows && (to.nextDue.map { $0 <= now } ?? false)
        return (reads ? POLLIN : 0) | (writes ? POLLOUT : 0)
    }

    // MARK: Moving bytes

    mutating func move(
        clientReady: Bool, serverReady: Bool, now: ContinuousClock.Instant, using generator: inout SeededGenerator
    ) {
        if clientReady { receive(client, into: \.up, now, &generator) }
        if serverReady, let server { receive(server, into: \.down, now, &generator) }
        guard flows, let server else { return }
        Self.deliver(&up, to: server, now)
        Self.deliver(&down, to: client, now)
    }

    private mutating func receive(
        _ descriptor: Int32, into pipe: WritableKeyPath<Self, ProxyPipe>, _ now: ContinuousClock.Instant,
        _ generator: inout SeededGenerator
    ) {
        guard !self[keyPath: pipe].isEnded else { return }
        let room = if case .throttle = mode { 2_048 } else { 65_536 }
        let bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            let received = recv(descriptor, buffer.baseAddress, room, 0)
            count = max(0, received)
            if received == 0 || (received < 0 && errno != EAGAIN && errno != EINTR) {
                self[keyPath: pipe].isEnded = true
            }
        }
        guard !isLost, !bytes.isEmpty else { return }
        self[keyPath: pipe].put(bytes[...], mode, now: now, using: &generator)
    }

    private static func deliver(_ pipe: inout ProxyPipe, to descriptor: Int32, _ now: ContinuousClock.Instant) {
        guard !pipe.isOver else { return pipe.drop() }
        pipe.release(at: now) { bytes in
            let count = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            return count >= 0 ? count : errno == EAGAIN || errno == EINTR ? 0 : nil
        }
        guard pipe.isEnded, pipe.isEmpty, !pipe.isOver else { return }
        shutdown(descriptor, Int32(SHUT_WR))
        pipe.isOver = true
    }
}
