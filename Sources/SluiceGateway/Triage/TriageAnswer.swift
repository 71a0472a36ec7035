import FoundationEssentials
package import SluiceCore

/// What a model answered to a ``TriagePrompt``.
package struct TriageAnswer: Sendable, Equatable {
    package let answer: String
    /// The model that answered.
    package let model: String
    package let usage: TokenUsage
    /// `measured`, or `estimated` where the upstream reported no usage.
    package let basis: Settlement.Basis

    /// - Parameters:
    ///   - kind: ``EndpointKind/messages`` or ``EndpointKind/chat``, as the prompt was asked.
    ///   - body: of an answer of status 200.
    ///   - request: what was asked.
    /// - Throws: ``TriageAnswerError`` saying what is wrong with the answer.
    package init(kind: EndpointKind, body: [UInt8], request: GatewayRequest) throws(TriageAnswerError) {
        answer = kind == .messages ? try Self.message(body) : try Self.completion(body)
        var reader = AnswerReader(kind: kind, isStream: false, request: request)
        body.withUnsafeBytes { reader.take($0[...]) }
        model = reader.result.model ?? request.upstreamModel
        usage = reader.result.usage
        basis = reader.result.basis
    }

    private static func completion(_ body: [UInt8]) throws(TriageAnswerError) -> String {
        let completion = try decode(Completion.self, from: body)
        guard let choice = completion.choices.first else {
            throw TriageAnswerError(reason: "the upstream answered without a choice")
        }
        if let content = choice.message.content, !content.isEmpty { return content }
        if let refusal = choice.message.refusal, !refusal.isEmpty { return refusal }
        throw .noText(because: choice.finishReason)
    }

    private static func message(_ body: [UInt8]) throws(TriageAnswerError) -> String {
        let message = try decode(Message.self, from: body)
        let text = message.content.compactMap(\.text).joined()
        guard text.isEmpty else { return text }
        throw .noText(because: message.stopReason)
    }

    private static func decode<Value: Decodable>(
        _ type: Value.Type, from body: [UInt8]
    ) throws(TriageAnswerError) -> Value {
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(type, from: Data(body))
        } catch {
            // The decoder's own words may quote what the model wrote.
            throw TriageAnswerError(reason: "the upstream's answer is not the JSON that its endpoint promises")
        }
    }
}

private struct Completion: Decodable {
    struct Choice: Decodable {
        struct Message: Decodable {
            let content: String?
            let refusal: String?
        }

        let message: Message
        let finishReason: String?
    }

    let choices: [Choice]
}

private struct Message: Decodable {
    struct Block: Decodable {
        let text: String?
    }

    let content: [Block]
    let stopReason: String?
}
