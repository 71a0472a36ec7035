/// How the HTTP service listens and whom it serves. A value that exists is valid.
public struct ServiceConfiguration: Sendable {
    /// An address or a host name to listen on.
    public let host: String
    /// `0 … 65535`; 0 takes any free port.
    public let port: Int
    /// Callers present one of these, unless there are none.
    let keys: ServiceKeys

    /// The most bytes that a request's body may have.
    public var bodyLimit = 16 * 1_024
    /// How long a request's body may take to arrive from its first to its last byte.
    public var bodyTimeout = Duration.seconds(10)
    /// How long a connection may be silent, between requests and within the head of one. Longer than a load balancer keeps
    /// idle connections (commonly 60 s), so that it is not us who close one on which it just sent a request.
    public var idleTimeout = Duration.seconds(75)

    /// - Parameters:
    ///   - serviceKeys: 32 visible ASCII characters or more each, distinct.
    ///   - isDev: allows to have none: then everyone is let in.
    /// - Throws: ``ServiceConfigurationError`` saying what to change; it never holds a key.
    public init(
        host: String = "127.0.0.1", port: Int = 8_080, serviceKeys: [String], isDev: Bool = false
    ) throws(ServiceConfigurationError) {
        guard (0...65_535).contains(port) else { throw .portOutOfRange(port) }
        guard isDev || !serviceKeys.isEmpty else { throw .noServiceKey }
        self.host = host
        self.port = port
        keys = try ServiceKeys(serviceKeys)
    }
}
