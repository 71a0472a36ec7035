/// A point in time as the database's clock tells it: microseconds since 1970-01-01T00:00:00Z, without leap seconds.
public struct Timestamp: Hashable, Sendable {
    public var microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Saturates at the ends of the range, so that no input traps.
    public func advanced(by duration: Duration) -> Timestamp {
        let (sum, overflow) = microseconds.addingReportingOverflow(duration.wholeMicroseconds)
        guard overflow else { return Timestamp(microseconds: sum) }
        return Timestamp(microseconds: duration < .zero ? .min : .max)
    }

    /// How much later `other` is than this; negative when it is earlier. Saturates.
    public func duration(to other: Timestamp) -> Duration {
        let (difference, overflow) = other.microseconds.subtractingReportingOverflow(microseconds)
        guard overflow else { return .microseconds(difference) }
        return .microseconds(other > self ? Int64.max : Int64.min)
    }
}

extension Timestamp: Comparable {
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }
}

extension Duration {
    /// Whole microseconds, rounded towards negative infinity, saturated to the range of `Int64`.
    public var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let remainder = attoseconds / 1_000_000_000_000
        let floor = attoseconds % 1_000_000_000_000 < 0 ? remainder - 1 : remainder
        let (sum, sumOverflow) = scaled.addingReportingOverflow(floor)
        return sumOverflow ? (seconds < 0 ? .min : .max) : sum
    }
}
