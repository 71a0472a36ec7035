import ArgumentParser

/// A length of time on the command line: `250ms`, `2s`, `5min`, `1h`.
struct DurationArgument: ExpressibleByArgument, Sendable, Hashable {
    let duration: Duration

    init(_ duration: Duration) {
        self.duration = duration
    }

    /// - Returns: `nil` for a text without a unit, and for a length beyond a year.
    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        let units: [String: Int64] = ["ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000]
        guard let unit = units[String(argument.dropFirst(digits.count))], let count = Int64(digits),
            count <= 31_536_000_000 / unit
        else { return nil }
        duration = .milliseconds(count * unit)
    }

    var defaultValueDescription: String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        return milliseconds.isMultiple(of: 1_000) ? "\(milliseconds / 1_000)s" : "\(milliseconds)ms"
    }
}
