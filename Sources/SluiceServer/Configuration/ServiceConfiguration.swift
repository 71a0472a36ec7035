/// How the HTTP service listens and whom it serves. A value that exists is valid.
public struct ServiceConfiguration: Sendable {
    /// An address or a host name to listen on.
    public let host: String
    /// `0 … 65535`; 0 takes any free port.
    public let port: Int
    /// The static keys of services.
    let keys: ServiceKeys
    /// Whether nobody needs a credential.
    let isOpenToAll: Bool

    /// The most bytes that a request's body may have, but for those that go to a model.
    public var bodyLimit = 16 * 1_024
    /// How long a request's body may take to arrive from its first to its last byte.
    public var bodyTimeout = Duration.seconds(10)
    /// The most bytes that the body of a request to a model may have.
    public var modelBodyLimit = 20 * 1_024 * 1_024
    /// As ``bodyTimeout``, for the body of a request to a model.
    public var modelBodyTimeout = Duration.seconds(60)
    /// What the head of a request may hold.
    package var headLimit = HeadLimit(fields: 100, bytes: 32 * 1_024)
    /// How long it may take to look up, make or revoke API keys.
    public var keyTimeout = Duration.seconds(2)
    /// How long a connection may be silent, between requests and within the head of one. Longer than a load balancer keeps
    /// idle connections (commonly 60 s), so that it is not us who close one on which it just sent a request.
    public var idleTimeout = Duration.seconds(75)
    /// How often one address may ask.
    public var addressLimit = AddressLimit.standard
    /// Whose word about a client's address counts.
    package var trustedProxies = TrustedProxies.none
    /// Which web pages of other origins may use the service from a browser: none, unless it is configured.
    package var crossOrigin = CrossOrigin.none

    /// - Parameters:
    ///   - serviceKeys: 32 visible ASCII characters or more each, distinct.
    ///   - isDev: allows to have none: then everyone is let in.
    ///   - hasOtherCredentials: callers may come with tokens, so that there need be no key.
    /// - Throws: ``ServiceConfigurationError`` saying what to change; it never holds a key.
    public init(
        host: String = "127.0.0.1", port: Int = 8_080, serviceKeys: [String], isDev: Bool = false,
        hasOtherCredentials: Bool = false
    ) throws(ServiceConfigurationError) {
        guard (0...65_535).contains(port) else { throw .portOutOfRange(port) }
        guard isDev || hasOtherCredentials || !serviceKeys.isEmpty else { throw .noServiceKey }
        self.host = host
        self.port = port
        isOpenToAll = isDev && serviceKeys.isEmpty
        keys = try ServiceKeys(serviceKeys)
    }
}
