package import SluiceCore

/// How a call to an upstream ended; there is exactly one for every call.
package struct ProxyEnd: Sendable {
    package enum Ending: Hashable, Sendable {
        /// The client got all of the upstream's answer.
        case complete
        case clientGone
        case upstreamFailed(ProxyFailure)
        case upstreamTimedOut
    }

    /// The upstream's status; `nil` where there was no answer.
    package let status: Int?
    /// Zero and measured where no model can have been asked: nothing was sent, or the answer is not 2xx.
    package let usage: UsageResult
    package let ended: Ending
    /// From ``GatewayProxy/forward(_:onEnd:)`` to the end.
    package let duration: Duration
    /// The rest was read after the client had gone.
    let isDrained: Bool

    /// How ``usage`` was obtained, for the settlement.
    package var basis: Settlement.Basis { isDrained && usage.basis == .measured ? .drained : usage.basis }
}
