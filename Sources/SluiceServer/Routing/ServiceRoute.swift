package import HTTPTypes

/// Everything that can be asked of the service over HTTP.
package enum ServiceRoute: CaseIterable, Sendable {
    case admit, peek, window, settle
    case listKeys, createKey, revokeKey
    case triage, chatCompletions, responses, embeddings, messages, models, model
    case openAPI, health, readiness, metrics

    package var method: HTTPRequest.Method {
        switch self {
        case .admit, .peek, .settle, .createKey, .triage, .chatCompletions, .responses, .embeddings, .messages: .post
        case .window, .listKeys, .models, .model, .openAPI, .health, .readiness, .metrics: .get
        case .revokeKey: .delete
        }
    }

    package var path: String {
        switch self {
        case .admit: "/v1/admit"
        case .peek: "/v1/peek"
        case .window: "/v1/users/{user}/window"
        case .settle: "/v1/settle"
        case .listKeys, .createKey: "/v1/keys"
        case .revokeKey: "/v1/keys/{key}"
        case .triage: "/api/ai/triage"
        case .chatCompletions: "/v1/chat/completions"
        case .responses: "/v1/responses"
        case .embeddings: "/v1/embeddings"
        case .messages: "/v1/messages"
        case .models: "/v1/models"
        case .model: "/v1/models/{model}"
        case .openAPI: "/openapi.json"
        case .health: "/healthz"
        case .readiness: "/readyz"
        case .metrics: "/metrics"
        }
    }

    /// Whether it is for those who watch over the process.
    var isWatched: Bool {
        switch self {
        case .health, .readiness, .metrics: true
        default: false
        }
    }
}

extension ServiceRoute {
    private static let byPath = Dictionary(grouping: allCases, by: \.path)

    /// - Parameter path: as the route is written, not as it was asked for.
    static func find(_ path: String, _ method: HTTPRequest.Method) -> ServiceRoute? {
        let method = method == .head ? .get : method
        return byPath[path]?.first { $0.method == method }
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
