/// How a pool behaves. Every number has a default that is right for a service.
public struct PostgresPoolSettings: Sendable {
    /// Connections that are kept even when nobody needs them; 0 or more.
    public var minimumConnections: Int
    /// Connections that there may be at once; 1 or more, and not below the minimum.
    public var maximumConnections: Int
    /// How long someone without a deadline waits for a connection; a deadline counts if it is sooner.
    public var acquireTimeout: Duration
    /// How long a connection beyond the minimum may be idle; `nil` for ever.
    public var idleTimeout: Duration?
    /// How old a connection may grow before it is replaced, between two uses; `nil` for ever.
    public var maximumLifetime: Duration?
    /// The pause after the first failure to connect; it doubles with each further one. What is waited is between a half
    /// and all of it, at random, so that many replicas do not come back in step.
    public var minimumBackoff: Duration
    /// Where doubling ends.
    public var maximumBackoff: Duration
    /// What metrics and log lines call the pool.
    public var name: String

    public init(
        minimumConnections: Int = 0, maximumConnections: Int = 4, acquireTimeout: Duration = .seconds(5),
        idleTimeout: Duration? = .seconds(600), maximumLifetime: Duration? = .seconds(3600),
        minimumBackoff: Duration = .milliseconds(100), maximumBackoff: Duration = .seconds(5),
        name: String = "default"
    ) {
        self.minimumConnections = minimumConnections
        self.maximumConnections = maximumConnections
        self.acquireTimeout = acquireTimeout
        self.idleTimeout = idleTimeout
        self.maximumLifetime = maximumLifetime
        self.minimumBackoff = minimumBackoff
        self.maximumBackoff = maximumBackoff
        self.name = name
    }

    /// The nearest settings that make sense.
    var sane: PostgresPoolSettings {
        var copy = self
        copy.maximumConnections = max(1, maximumConnections)
        copy.minimumConnections = min(max(0, minimumConnections), copy.maximumConnections)
        copy.minimumBackoff = max(.milliseconds(1), minimumBackoff)
        copy.maximumBackoff = max(copy.minimumBackoff, maximumBackoff)
        return copy
    }
}
