/// What kind of endpoint a call goes to.
package enum EndpointKind: String, CaseIterable, Sendable {
    /// OpenAI's `/v1/chat/completions`.
    case chat
    /// OpenAI's `/v1/responses`.
    case responses
    /// OpenAI's `/v1/embeddings`.
    case embeddings
    /// Anthropic's `/v1/messages`.
    case messages
}
