import SluiceCore
import Synchronization

/// A wall clock and an uptime that stand where they are put.
final class TestClock: Sendable {
    private static let start = ContinuousClock.now
    private let state = Mutex((wall: Timestamp(microseconds: 1_800_000_000_000_000), up: Duration.zero))

    var now: Timestamp { state.withLock { $0.wall } }
    var uptime: ContinuousClock.Instant { state.withLock { Self.start + $0.up } }
    /// Whole seconds since 1970.
    var seconds: Int64 { now.microseconds / 1_000_000 }

    func advance(_ duration: Duration) {
        state.withLock { $0 = ($0.wall.advanced(by: duration), $0.up + duration) }
    }

    /// Sets the wall clock alone.
    func setWall(by duration: Duration) {
        state.withLock { $0.wall = $0.wall.advanced(by: duration) }
    }
}
