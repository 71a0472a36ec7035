import HTTPTypes
import HummingbirdSluice
import SluiceCore
import Testing

@Suite struct RateLimitFieldTests {
    private func fields(_ windows: [WindowState]) throws -> (state: FieldList, policy: FieldList) {
        var headers = HTTPFields()
        headers.setRateLimit(windows, at: Sample.now)
        return (try FieldList(#require(headers[.rateLimit])), try FieldList(#require(headers[.rateLimitPolicy])))
    }

    @Test func showsEveryWindow() throws {
        let burst = try Window(name: "burst", limit: 5, length: .milliseconds(1_500))
        let daily = try Window(name: "day.1", limit: 1_000, length: .seconds(86_400))
        let (state, policy) = try fields([
            WindowState(window: burst, used: 2, resetAt: Sample.now.advanced(by: .microseconds(1))),
            WindowState(window: daily, used: 1_200, resetAt: Sample.now.advanced(by: .seconds(70))),
        ])
        #expect(
            policy.items == [
                .init(name: "burst", parameters: ["q": 5, "w": 2]),
                .init(name: "day.1", parameters: ["q": 1_000, "w": 86_400]),
            ])
        #expect(
            state.items == [
                .init(name: "burst", parameters: ["r": 3, "t": 1]),
                .init(name: "day.1", parameters: ["r": 0, "t": 70]),
            ])
    }

    @Test func saysNoLessThanASecond() throws {
        let window = try Window(name: "w", limit: 1, length: .microseconds(1))
        let (_, policy) = try fields([WindowState(window: window, used: 0, resetAt: nil)])
        #expect(policy.items == [.init(name: "w", parameters: ["q": 1, "w": 1])])
    }

    @Test func leavesOutTheResetOfAnEmptyWindow() throws {
        let (state, _) = try fields(Sample.states(Sample.policy(), used: 0))
        #expect(state.items == [.init(name: "default", parameters: ["r": 20])])
    }

    @Test func aResetInThePastIsNow() throws {
        let (state, _) = try fields(Sample.states(Sample.policy(), used: 1, reset: .seconds(-5)))
        #expect(state.items.first?.parameters["t"] == 0)
    }

    /// RFC 9651 has no longer integers; the largest limit has one digit more.
    @Test func keepsIntegersWithinFifteenDigits() throws {
        let (state, policy) = try fields(Sample.states(Sample.policy(limit: Window.maximumLimit), used: 0))
        #expect(state.items.first?.parameters["r"] == 999_999_999_999_999)
        #expect(policy.items.first?.parameters["q"] == 999_999_999_999_999)
    }

    @Test func saysNothingWithoutWindows() {
        var headers = HTTPFields()
        headers.setRateLimit([], at: Sample.now)
        #expect(headers.isEmpty)
    }
}
