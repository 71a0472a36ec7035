import SluiceCore

/// How often one address may ask, whoever asks from there.
public struct AddressLimit: Hashable, Sendable {
    /// In a window; 0 for no limit.
    public let requests: Int
    public let window: Duration

    public static let off = AddressLimit()
    /// 100 requests a minute.
    public static let standard = AddressLimit(100, .seconds(60))

    /// - Parameters:
    ///   - requests: `0 … 1,000,000,000`.
    ///   - window: one microsecond to 366 days, in whole microseconds.
    /// - Throws: ``ServiceConfigurationError`` naming the value.
    public init(requests: Int, window: Duration) throws(ServiceConfigurationError) {
        guard (0...1_000_000_000).contains(requests) else { throw .addressRequestsOutOfRange(requests) }
        guard window > .zero, window <= Window.maximumLength, .microseconds(window.wholeMicroseconds) == window
        else { throw .addressWindowOutOfRange(window) }
        self.init(requests, window)
    }

    private init(_ requests: Int = 0, _ window: Duration = .seconds(60)) {
        self.requests = requests
        self.window = window
    }
}
