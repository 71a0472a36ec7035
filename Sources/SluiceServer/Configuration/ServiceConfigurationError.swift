/// A configuration that the service does not start with; the description says what to change.
public enum ServiceConfigurationError: Error, Hashable, Sendable {
    case portOutOfRange(Int)
    case noServiceKey
    /// `position` counts from 1.
    case keyTooShort(position: Int, length: Int)
    case keyNotASCII(position: Int)
    case keyTwice(position: Int)
    case notANetwork(String)
    case networkWithHostBits(String)
    case addressRequestsOutOfRange(Int)
    case addressWindowOutOfRange(Duration)
    case notAnOrigin(String)
}

extension ServiceConfigurationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .portOutOfRange(let port):
            "port \(port) is out of range: use 0 to 65535"
        case .noServiceKey:
            "there is no service key: set SLUICE_SERVICE_KEYS, or start with --dev to let everyone in"
        case .keyTooShort(let position, let length):
            "service key \(position) has \(length) characters: use at least \(ServiceKeys.minimumLength)"
        case .keyNotASCII(let position):
            "service key \(position) has a character that a header cannot carry: use visible ASCII"
        case .keyTwice(let position):
            "service key \(position) is there already: leave it out"
        case .notANetwork(let text):
            "\"\(text)\" is no address or network: write one like 10.0.0.0/8 or 2001:db8::/32"
        case .networkWithHostBits(let text):
            "network \(text) has bits beyond its prefix: write its first address, such as 10.0.0.0/8 for 10.1.2.3/8"
        case .addressRequestsOutOfRange(let requests):
            "\(requests) requests per address are out of range: use 1 to 1000000000, or 0 for no limit"
        case .addressWindowOutOfRange(let window):
            "the window of requests per address is \(window): use 1 microsecond to 366 days, in whole microseconds"
        case .notAnOrigin(let text):
            "\"\(text)\" is no origin: write it as a browser sends it, such as https://app.example.com"
        }
    }
}
