package import HTTPTypes

/// What the client is to be told.
package enum ProxyAnswer: Sendable {
    /// The upstream's own answer.
    case answered(ProxyResponse)
    /// There is none that the client could be shown.
    case failed(ProxyFailure)
}

/// An upstream's answer, cleared of what is not the client's business.
package struct ProxyResponse: Sendable {
    package let status: HTTPResponse.Status
    /// Without `Content-Length`: see ``contentLength``.
    package let headers: HTTPFields
    /// The body's bytes, where known beforehand.
    package let contentLength: Int?
    /// The upstream limits this service's account; it is not this service that limits the user.
    package let isUpstreamLimit: Bool
    /// To be read by one reader to its end; dropping it unread tells the upstream to stop.
    package let body: ProxyBody
}
