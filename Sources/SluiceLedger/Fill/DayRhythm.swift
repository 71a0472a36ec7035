/// When in a day people work: turns an even share of the day's calls into a time, more densely where more is going on.
struct DayRhythm {
    /// Calls in each hour of UTC, in proportion.
    private static let hours: [Double] = [
        2, 1.6, 1.4, 1.3, 1.5, 2.2, 3.6, 5.6, 8, 9.4, 9.6, 8.8, 8.2, 9, 9.8, 9.6, 8.6, 7.2, 6, 5.2, 4.6, 4, 3.2, 2.6,
    ]
    private static let whole = hours.reduce(0, +)

    private var hour = 0
    /// Shares of the day before this hour and up to its end.
    private var before = 0.0
    private var upTo = Self.hours[0] / Self.whole

    /// The time in units of a day. Shares are asked for in growing order, from 0 up to but not including 1.
    mutating func time(ofShare share: Double) -> Double {
        while share >= upTo, hour < 23 {
            hour += 1
            before = upTo
            upTo += Self.hours[hour] / Self.whole
        }
        return (Double(hour) + min(1, (share - before) / (upTo - before))) / 24
    }
}
