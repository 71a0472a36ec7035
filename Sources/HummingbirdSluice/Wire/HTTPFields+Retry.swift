package import HTTPTypes

extension HTTPFields {
    /// SDKs that find a longer wait than this unreasonable fall back to retrying within seconds, so they are told not to.
    package static let longestAutomaticWait = Duration.seconds(60)

    /// Tells the client when to ask again: in seconds, in milliseconds, and whether to do so by itself.
    ///
    /// Both times are rounded up, to at least 1, so that who waits that long is never too early.
    package mutating func setRetry(after wait: Duration) {
        self[.retryAfter] = String(Swift.max(1, wait.secondsRoundedUp))
        self[.retryAfterMilliseconds] = String(Swift.max(1, wait.millisecondsRoundedUp))
        self[.shouldRetry] = wait > Self.longestAutomaticWait ? "false" : "true"
    }
}
