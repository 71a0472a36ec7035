import HTTPTypes
import HummingbirdSluice
import Testing

@Suite struct DurationRoundingTests {
    @Test(arguments: [
        (Duration.zero, Int64(0), Int64(0)),
        (.nanoseconds(1), 1, 1),
        (.microseconds(999), 1, 1),
        (.milliseconds(1), 1, 1),
        (.microseconds(1_001), 1, 2),
        (.seconds(1), 1, 1_000),
        (.microseconds(1_000_001), 2, 1_001),
        (.milliseconds(-1_500), -1, -1_500),
        (.seconds(Int64.max), .max, .max),
    ])
    func roundsUp(duration: Duration, seconds: Int64, milliseconds: Int64) {
        #expect(duration.secondsRoundedUp == seconds)
        #expect(duration.millisecondsRoundedUp == milliseconds)
    }

    /// Invariant 3 on the wire: who waits as told is never early, and never waits a whole unit too long.
    @Test func retryFieldsPromiseTheWaitToTheUnit() throws {
        var generator = SystemRandomNumberGenerator()
        for exponent in 0..<45 {
            for _ in 0..<50 {
                let wait = Duration.microseconds(Int64.random(in: 1...(1 << exponent), using: &generator))
                var headers = HTTPFields()
                headers.setRetry(after: wait)
                let seconds = try #require(headers[.retryAfter].flatMap { Int64($0) })
                let milliseconds = try #require(headers[.retryAfterMilliseconds].flatMap { Int64($0) })
                #expect(seconds >= 1 && milliseconds >= 1)
                #expect(.seconds(seconds) >= wait && .milliseconds(milliseconds) >= wait)
                #expect(.seconds(seconds - 1) < wait && .milliseconds(milliseconds - 1) < wait)
                #expect(headers[.shouldRetry] == (seconds > 60 ? "false" : "true"))
            }
        }
    }

    @Test(arguments: [(Duration.seconds(60), "true"), (.microseconds(60_000_001), "false"), (.zero, "true")])
    func longWaitsAreNotRetriedAutomatically(wait: Duration, expected: String) {
        var headers = HTTPFields()
        headers.setRetry(after: wait)
        #expect(headers[.shouldRetry] == expected)
    }
}
