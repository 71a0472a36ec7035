public import HTTPTypes
public import SluiceCore

extension HTTPFields {
    /// Adds `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers) with every window of a policy.
    ///
    /// - Parameters:
    ///   - windows: as decided at `time`. None, as for an unchecked admission, adds nothing: what is left is not known.
    ///   - time: from which the seconds until more quota are counted.
    public mutating func setRateLimit(_ windows: [WindowState], at time: Timestamp) {
        guard !windows.isEmpty else { return }
        // Interpolation takes several times as long.
        var (state, policy) = ("", "")
        for window in windows {
            if !state.isEmpty {
                state += ", "
                policy += ", "
            }
            window.writeRateLimitItem(to: &state, at: time)
            window.window.writeRateLimitPolicyItem(to: &policy)
        }
        self[.rateLimit] = state
        self[.rateLimitPolicy] = policy
    }
}

extension Window {
    /// RFC 9651 integers have at most 15 digits; a longer one would make clients drop the whole field.
    fileprivate static let longestInteger: Int64 = 999_999_999_999_999

    /// The length in whole seconds, rounded up: the field cannot say less than a second.
    fileprivate func writeRateLimitPolicyItem(to text: inout String) {
        text += "\""
        text += name
        text += "\";q="
        text += String(min(limit, Self.longestInteger))
        text += ";w="
        text += String(length.secondsRoundedUp)
    }
}

extension WindowState {
    /// `t`, the seconds until more quota, is left out of an empty window: there is no more to come.
    fileprivate func writeRateLimitItem(to text: inout String, at time: Timestamp) {
        text += "\""
        text += window.name
        text += "\";r="
        text += String(min(remaining, Window.longestInteger))
        guard let resetAt else { return }
        text += ";t="
        text += String(max(0, time.duration(to: resetAt).secondsRoundedUp))
    }
}
