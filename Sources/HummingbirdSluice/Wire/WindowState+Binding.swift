package import SluiceCore

extension [WindowState] {
    /// The window that a client runs into first: the least remaining, and of equals the one that has room latest.
    package var binding: WindowState? {
        self.min { left, right in
            guard left.remaining == right.remaining else { return left.remaining < right.remaining }
            return (left.resetAt?.microseconds ?? .min) > (right.resetAt?.microseconds ?? .min)
        }
    }
}

extension WindowState {
    /// Whole milliseconds from `time` until the oldest weight leaves, rounded up; 0 where none is there to leave.
    package func resetMilliseconds(at time: Timestamp) -> Int64 {
        resetAt.map { Swift.max(0, time.duration(to: $0).millisecondsRoundedUp) } ?? 0
    }
}
