extension Duration {
    /// As Go writes durations, and OpenAI with it: `12ms`, `1s`, `6m0s`, `1h0m1.5s`. Rounded up to milliseconds; a negative
    /// one counts as none.
    package var goDuration: String {
        let milliseconds = Swift.max(0, millisecondsRoundedUp)
        guard milliseconds >= 1_000 else { return milliseconds == 0 ? "0s" : "\(milliseconds)ms" }
        let (minutes, rest) = milliseconds.quotientAndRemainder(dividingBy: 60_000)
        let hours = minutes >= 60 ? "\(minutes / 60)h" : ""
        return hours + (minutes > 0 ? "\(minutes % 60)m" : "") + Self.goSeconds(rest)
    }

    private static func goSeconds(_ milliseconds: Int64) -> String {
        let (seconds, part) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        guard part > 0 else { return "\(seconds)s" }
        var digits = String(String(1_000 + part).dropFirst())
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(seconds).\(digits)s"
    }
}
