/// A configuration that the service does not start with; the description says what to change.
public enum ServiceConfigurationError: Error, Hashable, Sendable {
    case portOutOfRange(Int)
    case noServiceKey
    /// `position` counts from 1.
    case keyTooShort(position: Int, length: Int)
    case keyNotASCII(position: Int)
    case keyTwice(position: Int)
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
        }
    }
}
