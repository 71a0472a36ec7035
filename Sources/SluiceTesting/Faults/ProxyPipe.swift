/// What goes one way through a connection of a ``FaultProxy``: bytes that wait for their time.
struct ProxyPipe {
    private struct Chunk {
        var bytes: ArraySlice<UInt8>
        let due: ContinuousClock.Instant
    }

    /// Further bytes are left to the sender's kernel.
    private static let capacity = 4 << 20

    private var chunks: [Chunk] = []
    private var lastDue = ContinuousClock.now
    private(set) var waiting = 0
    /// The sender has ended; what waits still goes out.
    var isEnded = false
    /// The end has been passed on, or there is nobody to pass it on to.
    var isOver = false

    var isFull: Bool { waiting >= Self.capacity }
    var isEmpty: Bool { chunks.isEmpty }
    /// When the next bytes go out.
    var nextDue: ContinuousClock.Instant? { chunks.first?.due }

    /// Takes bytes in.
    mutating func put(
        _ bytes: ArraySlice<UInt8>, _ mode: FaultProxy.Mode, now: ContinuousClock.Instant,
        using generator: inout SeededGenerator
    ) {
        let start = max(now, lastDue)
        switch mode {
        case .delay(let latency, let jitter):
            let most = Int64(jitter / .microseconds(1))
            lastDue = max(lastDue, now + latency + .microseconds(Int64.random(in: 0...most, using: &generator)))
        case .throttle(let bytesPerSecond):
            lastDue = start + .microseconds(Int64(bytes.count) * 1_000_000 / Int64(max(1, bytesPerSecond)))
        case .pass, .blackhole, .hold, .reset, .refuse:
            lastDue = start
        }
        chunks.append(Chunk(bytes: bytes, due: lastDue))
        waiting += bytes.count
    }

    /// Lets out what is due.
    ///
    /// - Parameter send: returns how many of the bytes it took; `nil` when nobody takes any more.
    mutating func release(at now: ContinuousClock.Instant, _ send: (ArraySlice<UInt8>) -> Int?) {
        while let first = chunks.first, first.due <= now {
            guard let count = send(first.bytes) else { return drop() }
            waiting -= count
            guard count == first.bytes.count else {
                chunks[0].bytes = first.bytes.dropFirst(count)
                return
            }
            chunks.removeFirst()
        }
    }

    /// Forgets what waits, and all that is to come.
    mutating func drop() {
        chunks = []
        waiting = 0
        isOver = true
    }

    /// What waits goes out now: a slow network has become fast.
    mutating func hurry(_ now: ContinuousClock.Instant) {
        chunks = chunks.map { Chunk(bytes: $0.bytes, due: min($0.due, now)) }
        lastDue = min(lastDue, now)
    }
}
