package import SluiceCore

/// What the gateway reads of a request before it lets it go on.
///
/// A request that two parsers could understand in different ways is refused: else one model would be metered and another asked.
package struct GatewayRequest: Sendable {
    /// As asked for: `1 … 256` bytes.
    package let model: String
    /// What the upstream is asked for, by which the price goes.
    package let upstreamModel: String
    package let isStream: Bool
    /// What goes upstream: byte for byte the client's, but for `stream_options.include_usage` and a replaced model.
    package let body: [UInt8]
    /// The gateway alone asked for the usage of a stream: the chunk that brings it is not for the client.
    package let hidesUsage: Bool
    /// Without cost. Input tokens by the size of the prompt; output tokens as the request limits them, else ``defaultOutput``.
    package let reservation: Reservation

    /// Tokens of an answer that the request does not limit.
    package static let defaultOutput: Int64 = 4_096

    /// - Parameter upstreamModel: the name of a model to send upstream in place of the client's; `nil` to leave it.
    /// - Throws: ``GatewayRequestError`` naming the member and the remedy. Nothing of the prompt is in it.
    package init(
        kind: EndpointKind, body: [UInt8], upstreamModel: (String) -> String?
    ) throws(GatewayRequestError) {
        let members = try RequestMembers(body)
        model = try members.model()
        self.upstreamModel = upstreamModel(model) ?? model
        isStream = try members.bool("stream") == true && kind != .embeddings
        try members.refuseBackground(of: kind)
        reservation = Reservation(
            inputTokens: members.promptTokens, outputTokens: try members.outputTokens(of: kind))
        var edits: [JSONEdit] = []
        if self.upstreamModel != model, let place = members["model"] {
            edits.append(JSONEdit(place, JSONEdit.quoted(self.upstreamModel)))
        }
        let usage = kind == .chat && isStream ? try members.editToIncludeUsage() : nil
        hidesUsage = usage != nil
        if let usage { edits.append(usage) }
        self.body = JSONEdit.apply(edits, to: body)
    }

    /// Of the reservation, in nano-USD; `nil` where no price of the model is known.
    package func cost(by prices: [ModelPrice]) -> Int64? {
        ModelPrice.of(upstreamModel, in: prices)?.cost(of: reservation)
    }
}
