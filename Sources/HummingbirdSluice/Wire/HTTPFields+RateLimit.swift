public import HTTPTypes
public import SluiceCore

extension HTTPFields {
    /// Adds `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers) with every window of a policy.
    ///
    /// - Parameters:
    ///   - windows: as decided at `time`. None, as for an unchecked admission, adds nothing: what is left is not known.
    ///   - time: from which the seconds until more quota are counted.
    public mutating func setRateLimit(_ windows: [WindowState], at time: Timestamp) {
        guard let first = windows.first else { return }
        var state = first.rateLimitItem(at: time)
        var policy = first.window.rateLimitPolicyItem
        for window in windows.dropFirst() {
            state += ", " + window.rateLimitItem(at: time)
            policy += ", " + window.window.rateLimitPolicyItem
        }
        self[.rateLimit] = state
        self[.rateLimitPolicy] = policy
    }
}

extension Window {
    /// RFC 9651 integers have at most 15 digits; a longer one would make clients drop the whole field.
    fileprivate static let longestInteger: Int64 = 999_999_999_999_999

    /// The length in whole seconds, rounded up: the field cannot say less than a second.
    fileprivate var rateLimitPolicyItem: String {
        "\"\(name)\";q=\(min(limit, Self.longestInteger));w=\(length.secondsRoundedUp)"
    }
}

extension WindowState {
    /// `t`, the seconds until more quota, is left out of an empty window: there is no more to come.
    fileprivate func rateLimitItem(at time: Timestamp) -> String {
        let item = "\"\(window.name)\";r=\(min(remaining, Window.longestInteger))"
        guard let resetAt else { return item }
        return item + ";t=\(max(0, time.duration(to: resetAt).secondsRoundedUp))"
    }
}
