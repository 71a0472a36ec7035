package import HTTPTypes
package import SluiceCore

extension HTTPFields {
    /// Adds what is left in the words of the SDKs that talk to a path, beside `RateLimit` and `RateLimit-Policy`.
    ///
    /// They know one window of requests: here the one that a client runs into first. Its reset is when there is room for
    /// more, as with `RateLimit`: a sliding window is full again only after a silence as long as itself.
    package mutating func setRateLimit(_ windows: [WindowState], at time: Timestamp, for shape: ErrorShape) {
        setRateLimit(windows, at: time)
        guard shape != .problem, let window = windows.binding else { return }
        let wait = window.resetAt.map { Swift.max(.zero, time.duration(to: $0)) } ?? .zero
        if shape == .openAI {
            self[.openAILimit] = String(window.window.limit)
            self[.openAIRemaining] = String(window.remaining)
            self[.openAIReset] = wait.goDuration
        } else {
            self[.anthropicLimit] = String(window.window.limit)
            self[.anthropicRemaining] = String(window.remaining)
            self[.anthropicReset] = time.advanced(by: wait).rfc3339
        }
    }
}
