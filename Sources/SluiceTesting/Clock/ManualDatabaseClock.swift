public import SluiceCore
import Synchronization

/// A clock that stands where it is put: in place of the database's.
public final class ManualDatabaseClock: Sendable {
    private let time: Mutex<Timestamp>

    public init(_ time: Timestamp) {
        self.time = Mutex(time)
    }

    public var now: Timestamp { time.withLock { $0 } }

    /// Backwards as well as forwards.
    public func set(_ time: Timestamp) {
        self.time.withLock { $0 = time }
    }

    public func advance(by duration: Duration) {
        time.withLock { $0 = $0.advanced(by: duration) }
    }
}
