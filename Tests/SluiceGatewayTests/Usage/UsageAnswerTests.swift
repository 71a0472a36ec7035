import NIOCore
import SluiceCore
import Testing

@testable import SluiceGateway

@Suite("Reading the usage of an answer in one piece")
struct UsageAnswerTests {
    struct Answer: Sendable {
        let kind: EndpointKind
        let text: String
        let usage: TokenUsage
    }

    static let answers = [
        Answer(
            kind: .chat,
            text: #"{"id":"c","model":"m-1","choices":[{"message":{"content":"{\"usage\":{\"prompt_tokens\":1}}"}}],"#
                + #""usage":{"prompt_tokens":9,"completion_tokens":12,"prompt_tokens_details":{"cached_tokens":4},"#
                + #""completion_tokens_details":{"reasoning_tokens":5}},"service_tier":"default"}"# + "\n",
            usage: TokenUsage(input: 9, cached: 4, output: 12, reasoning: 5)),
        Answer(
            kind: .responses,
            text: #"{ "model":"m-1","output":[{"content":[{"text":"hi"}]}],"usage":{"input_tokens":36,"#
                + #""input_tokens_details":{"cached_tokens":0},"output_tokens":87}}"#,
            usage: TokenUsage(input: 36, output: 87)),
        Answer(
            kind: .embeddings,
            text: #"{"object":"list","data":[{"embedding":[0.1,-2e-3]}],"model":"m-1","usage":{"prompt_tokens":8,"#
                + #""total_tokens":8}}"#,
            usage: TokenUsage(input: 8)),
        Answer(
            kind: .messages,
            text:
                #"{"type":"message","model":"m-1","content":[{"type":"text","text":"Hi"}],"usage":{"input_tokens":10,"#
                + #""cache_creation_input_tokens":20,"cache_read_input_tokens":30,"output_tokens":6}}"#,
            usage: TokenUsage(input: 60, cached: 30, cacheWrite: 20, output: 6)),
    ]

    @Test("finds it wherever the answer is cut, and changes no byte", arguments: answers)
    func everyCut(answer: Answer) throws {
        let bytes = Array(answer.text.utf8)
        for cut in 0...bytes.count {
            var reader = UsageReader(
                kind: answer.kind, isStream: false, hidesUsage: false, request: try .asking("asked", answer.kind))
            #expect(reader.take(bytes[..<cut]) == Array(bytes[..<cut]))
            #expect(reader.take(bytes[cut...]) + reader.end() == Array(bytes[cut...]))
            #expect(
                reader.result == UsageResult(usage: answer.usage, basis: .measured, model: "m-1", isComplete: true))
        }
    }

    @Test("estimates where none is reported")
    func estimates() throws {
        let request = try GatewayRequest.asking("asked", .chat)
        for (text, isComplete) in [
            (#"{"choices":[{"message":{"content":"12345678"}}]}"#, true),
            (#"{"choices":[{"message":{"content":"12345678"}}],"usage":null}"#, true),
            (#"{"choices":[{"message":{"content":"12345678"}}],"usage":{}}"#, true),
            (#"{"choices":[{"message":{"content":"1234567"#, false),
        ] {
            var reader = UsageReader(kind: .chat, isStream: false, hidesUsage: false, request: request)
            _ = reader.take(text.utf8)
            #expect(
                reader.result
                    == UsageResult(
                        usage: TokenUsage(input: request.reservation.inputTokens, output: 2), basis: .estimated,
                        model: "asked", isComplete: isComplete))
        }
    }

    @Test("takes no figure that is none, and moves others into range")
    func oddFigures() throws {
        let text = #"{"usage":{"prompt_tokens":-5,"completion_tokens":9223372036854775807,"x":"1","y":1e99}}"#
        var reader = UsageReader(kind: .chat, isStream: false, hidesUsage: false, request: try .asking("asked", .chat))
        _ = reader.take(text.utf8)
        #expect(reader.result.usage == TokenUsage(input: 0, output: Reservation.maximum))
        #expect(reader.result.basis == .measured)
    }

    @Test("keeps the model that was asked where the answer names none that the ledger takes")
    func oddModels() throws {
        for model in [#""""#, #""a\u0000""#, "null", "7", #""\ud800""#, "\"\(String(repeating: "m", count: 257))\""] {
            let text = #"{"model":\#(model),"usage":{"prompt_tokens":1}}"#
            var reader = UsageReader(
                kind: .chat, isStream: false, hidesUsage: false, request: try .asking("asked", .chat))
            _ = reader.take(text.utf8)
            #expect(reader.result.model == "asked")
            #expect(reader.result.usage.input == 1)
        }
    }
}
