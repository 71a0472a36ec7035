import HummingbirdSluice
import SluiceCore
import Testing

@Suite struct QuotaExceededTests {
    private func policy() throws -> Policy {
        try Policy(
            name: "p",
            windows: [
                Window(name: "minute", limit: 10, length: .seconds(60)),
                Window(name: "day", limit: 100, length: .seconds(86_400)),
            ])
    }

    @Test(arguments: [
        (Int64(8), Int64(20), Int64(3), ["minute"]), (2, 99, 3, ["day"]), (10, 100, 1, ["minute", "day"]),
        (10, 50, 0, ["minute"]),
    ])
    func namesTheWindowsWithoutRoom(minute: Int64, day: Int64, weight: Int64, expected: [String]) throws {
        let policy = try policy()
        let windows = zip(policy.windows, [minute, day]).map {
            WindowState(window: $0, used: $1, resetAt: Sample.now.advanced(by: .seconds(1)))
        }
        let refusal = Refusal(
            decidedAt: Sample.now, retryAt: Sample.now.advanced(by: .seconds(1)), policy: policy, windows: windows)
        #expect(QuotaExceeded(refusal, weight: weight).violated.map(\.window.name) == expected)
    }

    @Test func namesTheWindowsThatAreTooSmall() throws {
        let policy = try policy()
        let never = NeverFits(
            decidedAt: Sample.now, weight: 50, policy: policy, windows: Sample.states(policy, used: 0))
        #expect(QuotaExceeded(never).violated.map(\.window.name) == ["minute"])
    }

    @Test func theWindowThatFillsFirstIsShown() throws {
        let windows = try policy().windows.map { WindowState(window: $0, used: $0.limit - 3, resetAt: Sample.now) }
        let later = WindowState(window: windows[1].window, used: 97, resetAt: Sample.now.advanced(by: .seconds(9)))
        #expect([windows[0], later].binding == later)
        #expect([later, windows[0]].binding == later)
        #expect([WindowState]().binding == nil)
    }
}
