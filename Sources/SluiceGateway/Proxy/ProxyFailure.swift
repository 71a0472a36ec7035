/// Why there is no answer of an upstream, or not all of it.
package enum ProxyFailure: String, Error, CaseIterable, Sendable {
    /// Nothing was sent: no address, no connection, no TLS.
    case unreachable = "the upstream cannot be reached"
    case timedOut = "the upstream took too long"
    /// The connection ended before the answer did.
    case closed = "the upstream closed the connection before its answer was complete"
    case malformed = "the upstream's answer is not valid HTTP or is encoded"
    /// 401 or 403: it is this service's key that is wrong, not the client's.
    case keyRefused = "the upstream refused this service's key"
    /// 3xx; never followed, as the key would go along.
    case redirected = "the upstream redirects, which is not followed: its base URL is to be corrected"
    case tooLarge = "the upstream's answer is too large"
    /// Another status than the one that was waited for; only where the answer is not for a client.
    case unexpected = "the upstream answered with an error"
    case shutDown = "this service is shutting down"

    /// The status for the client: 502, 503 or 504.
    package var status: Int {
        switch self {
        case .timedOut: 504
        case .shutDown: 503
        default: 502
        }
    }
}

extension ProxyFailure {
    /// Whether no model can have been at work: nothing was sent, or what came back is no answer of one.
    package var isFree: Bool {
        switch self {
        case .unreachable, .keyRefused, .redirected, .unexpected: true
        case .timedOut, .closed, .malformed, .tooLarge, .shutDown: false
        }
    }
}

extension ProxyFailure: CustomStringConvertible {
    /// Constant, for clients and logs.
    package var description: String { rawValue }
}
