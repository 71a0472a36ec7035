/// How long an upstream is waited for. Time in which a slow client is waited for counts in ``total`` alone.
package struct UpstreamTimeouts: Hashable, Sendable {
    /// From the question to the head of the answer, connecting included. Models think before they say their first word.
    package var firstByte = Duration.seconds(120)
    /// Between two pieces of an answer.
    package var idle = Duration.seconds(120)
    /// From the question to the end of the answer.
    package var total = Duration.seconds(900)

    package init() {}
}

/// What becomes of an upstream's answer when the client that asked has gone.
package enum HangUpPolicy: Hashable, Sendable {
    /// The upstream's connection is closed at once, which makes most providers stop. Usage is estimated from what was seen.
    case cancel
    /// The rest is read without the client, for as long as the limit says at most, so that usage is measured.
    case drain(limit: Duration)
}
