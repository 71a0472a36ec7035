import HTTPTypes

/// Everything that can be asked of the service over HTTP.
enum ServiceRoute: CaseIterable {
    case admit, peek, window, health, readiness, metrics

    enum Access {
        /// For everyone who reaches the port.
        case open
        case serviceKey
    }

    var method: HTTPRequest.Method {
        switch self {
        case .admit, .peek: .post
        case .window, .health, .readiness, .metrics: .get
        }
    }

    var path: String {
        switch self {
        case .admit: "/v1/admit"
        case .peek: "/v1/peek"
        case .window: "/v1/users/{user}/window"
        case .health: "/healthz"
        case .readiness: "/readyz"
        case .metrics: "/metrics"
        }
    }

    var access: Access {
        switch self {
        case .admit, .peek, .window: .serviceKey
        case .health, .readiness, .metrics: .open
        }
    }
}

extension ServiceRoute {
    private static let openRoutes = Dictionary(
        uniqueKeysWithValues: allCases.filter { $0.access == .open }.map { ($0.path, $0.method) })

    /// - Parameter path: as the route is written, not as it was asked for.
    static func isOpen(_ path: String, _ method: HTTPRequest.Method) -> Bool {
        openRoutes[path] == (method == .head ? .get : method)
    }

    /// What may be asked of a path as it was asked for, for the `Allow` field; nothing where no route matches.
    static func methods(at path: String) -> [HTTPRequest.Method] {
        let routes = allCases.filter { $0.matches(path) }
        guard !routes.isEmpty else { return [] }
        let methods = routes.map(\.method)
        return methods + (methods.contains(.get) ? [.head] : []) + [.options]
    }

    private func matches(_ asked: String) -> Bool {
        let own = path.split(separator: "/")
        let other = asked.split(separator: "/")
        return own.count == other.count && zip(own, other).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
    }
}
