extension Duration {
    /// Whole seconds, rounded up, so that waiting that long is never too short. Saturates.
    package var secondsRoundedUp: Int64 {
        let (seconds, attoseconds) = components
        return attoseconds > 0 ? seconds.addingSaturated(1) : seconds
    }

    /// Whole milliseconds, rounded up. Saturates.
    package var millisecondsRoundedUp: Int64 {
        let (seconds, attoseconds) = components
        let perMillisecond: Int64 = 1_000_000_000_000_000
        let part = attoseconds > 0 ? (attoseconds - 1) / perMillisecond + 1 : attoseconds / perMillisecond
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        return overflow ? (seconds < 0 ? .min : .max) : scaled.addingSaturated(part)
    }
}

extension Int64 {
    fileprivate func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
