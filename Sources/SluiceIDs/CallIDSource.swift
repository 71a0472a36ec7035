package import SluiceCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Makes call ids from random bits that the kernel gives many at a time: asking it twice for each id costs more than all else
/// that an id takes.
///
/// Ids are as unique as with bits drawn one by one: the bits are the kernel's, and none is used twice. A child after `fork` has
/// none of its parent's. Where a whole machine is copied with its memory, the copies share what is left of one block until that
/// is ``maximumAge`` old, and an id also holds the millisecond.
package final class CallIDSource: Sendable {
    package static let shared = CallIDSource()

    /// Bits are not kept longer.
    static let maximumAge = Duration.seconds(1)

    private let block: Mutex<RandomBlock>

    /// - Parameter fill: writes random bytes.
    init(fill: @escaping @Sendable (UnsafeMutableRawBufferPointer) -> Void = RandomBlock.fillFromKernel) {
        block = Mutex(RandomBlock(fill: fill))
        Fork.watch()
    }

    /// - Parameter time: now, by this machine's clock.
    package func next(at time: Timestamp) -> CallID {
        block.withLock { block in
            block.refresh(at: time, maximumAge: Self.maximumAge, forks: Fork.count.load(ordering: .relaxed))
            return .version7(at: time, using: &block)
        }
    }
}

/// Counts the forks that led to this process since the first ``watch()``.
private enum Fork {
    static let count = Atomic<Int>(0)

    private static let isWatched = pthread_atfork(nil, nil, { Fork.count.add(1, ordering: .relaxed) }) == 0

    static func watch() { _ = isWatched }
}

/// Random bits, each given out once.
struct RandomBlock: RandomNumberGenerator {
    /// 256 bytes, the most that the kernel gives at once whatever happens.
    static let size = 32

    private let fill: @Sendable (UnsafeMutableRawBufferPointer) -> Void
    private var words = [UInt64](repeating: 0, count: RandomBlock.size)
    /// How many were given out.
    private var used = RandomBlock.size
    private var drawnAt = Timestamp(microseconds: 0)
    private var forks = 0

    init(fill: @escaping @Sendable (UnsafeMutableRawBufferPointer) -> Void) {
        self.fill = fill
    }

    /// Draws new bits where those that are left are too old, by a clock that was set back perhaps, or a parent's too.
    ///
    /// - Parameter forks: how many led to this process.
    mutating func refresh(at now: Timestamp, maximumAge: Duration, forks: Int) {
        let age = drawnAt.duration(to: now)
        guard age < .zero || age > maximumAge || forks != self.forks else { return }
        self.forks = forks
        drawnAt = now
        draw()
    }

    mutating func next() -> UInt64 {
        if used == words.count { draw() }
        defer { used += 1 }
        return words[used]
    }

    private mutating func draw() {
        words.withUnsafeMutableBytes { fill($0) }
        used = 0
    }

    /// Where the kernel does not know the call, bits are drawn as Swift does.
    static func fillFromKernel(_ bytes: UnsafeMutableRawBufferPointer) {
        guard let start = bytes.baseAddress, getentropy(start, bytes.count) != 0 else { return }
        var generator = SystemRandomNumberGenerator()
        for index in bytes.indices { bytes[index] = generator.next() }
    }
}
