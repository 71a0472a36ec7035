/// The two families of interfaces that providers of language models offer.
package enum UpstreamKind: String, CaseIterable, Sendable {
    case openAI = "openai"
    case anthropic
}

extension EndpointKind {
    /// Which upstreams understand this endpoint.
    package var upstreamKind: UpstreamKind {
        switch self {
        case .chat, .responses, .embeddings: .openAI
        case .messages: .anthropic
        }
    }

    /// Follows ``BaseURL/root(for:)``.
    var path: String {
        switch self {
        case .chat: "/chat/completions"
        case .responses: "/responses"
        case .embeddings: "/embeddings"
        case .messages: "/messages"
        }
    }
}
