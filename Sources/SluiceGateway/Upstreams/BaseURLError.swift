/// What is wrong with an upstream's address; the description says what to use.
enum BaseURLError: Error, Hashable, CaseIterable {
    case noScheme
    case hasPassword
    case hasQuery
    case badHost
    case badPath
}

extension BaseURLError: CustomStringConvertible {
    var description: String {
        switch self {
        case .noScheme: "does not begin with https:// or http://: use an address such as https://api.openai.com/v1"
        case .hasPassword: "holds a user or password: give the key as api_key"
        case .hasQuery: "has a query or fragment: leave out everything from ? or # on"
        case .badHost: "has no valid host and port: use an address such as https://api.openai.com/v1"
        case .badPath: "has a path that needs escaping or goes up: use letters, digits, and - . _ ~ : only"
        }
    }
}
