/// How the public keys of an issuer are kept up to date.
public struct JWKSettings: Hashable, Sendable {
    /// How often they are loaded in the background.
    public var refreshEvery: Duration
    /// The shortest time between two loads, whatever tokens come: nobody can make us hammer the issuer.
    public var minimumPause: Duration
    /// How long they count after they were last loaded.
    public var maximumAge: Duration
    /// The longest that a load, and a caller who waits for it, takes.
    public var deadline: Duration

    public init(
        refreshEvery: Duration = .seconds(300), minimumPause: Duration = .seconds(10),
        maximumAge: Duration = .seconds(86_400), deadline: Duration = .seconds(5)
    ) {
        self.refreshEvery = refreshEvery
        self.minimumPause = minimumPause
        self.maximumAge = maximumAge
        self.deadline = deadline
    }

    /// For a file, which costs nothing to read: looked at every 5 seconds, so that a change soon counts.
    public static let file = JWKSettings(refreshEvery: .seconds(5), minimumPause: .seconds(1))
}
