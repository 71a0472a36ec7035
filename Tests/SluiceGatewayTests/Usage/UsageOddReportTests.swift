import SluiceCore
import Testing

@testable import SluiceGateway

@Suite("Usage that providers report in odd ways")
struct UsageOddReportTests {
    struct Report: Sendable {
        let kind: EndpointKind
        let usage: String
        let tokens: TokenUsage
        let basis: Settlement.Basis
    }

    static let reports = [
        Report(kind: .embeddings, usage: #"{"total_tokens":16}"#, tokens: TokenUsage(input: 16), basis: .measured),
        Report(
            kind: .chat, usage: #"{"prompt_tokens":11.0,"completion_tokens":5e1}"#,
            tokens: TokenUsage(input: 11, output: 50), basis: .measured),
        Report(
            kind: .chat, usage: #"{"prompt_tokens":1,"completion_tokens":1e30}"#,
            tokens: TokenUsage(input: 1, output: Reservation.maximum), basis: .measured),
        Report(
            kind: .chat, usage: #"{"prompt_tokens":-1,"completion_tokens":-1e30}"#, tokens: .zero, basis: .measured),
        Report(
            kind: .chat, usage: #"{"prompt_tokens":11,"total_tokens":16}"#, tokens: TokenUsage(input: 11, output: 2),
            basis: .estimated),
        Report(
            kind: .messages, usage: #"{"input_tokens":11,"output_tokens":"5"}"#,
            tokens: TokenUsage(input: 11, output: 2), basis: .estimated),
    ]

    @Test("is read as far as it says what was taken", arguments: reports)
    func read(report: Report) throws {
        let result = try Self.result(report.kind, usage: report.usage)
        #expect(result.usage == report.tokens)
        #expect(result.basis == report.basis)
    }

    @Test("makes no call free by leaving out what was taken", arguments: EndpointKind.allCases)
    func figuresAlone(kind: EndpointKind) throws {
        for usage in [#"{"other":1}"#, #"{"prompt_tokens":null,"input_tokens":null,"total_tokens":"0"}"#] {
            let result = try Self.result(kind, usage: usage)
            #expect(result.basis == .estimated)
            #expect(result.usage.input > 0)
        }
    }

    private static func result(_ kind: EndpointKind, usage: String) throws -> UsageResult {
        let request = try GatewayRequest.asking("asked", kind)
        var reader = UsageReader(kind: kind, isStream: false, hidesUsage: false, request: request)
        let text =
            #"{"choices":[{"message":{"content":"12345678"}}],"content":[{"text":"12345678"}],"usage":"# + usage + "}"
        _ = reader.take(Array(text.utf8)[...])
        _ = reader.end()
        return reader.result
    }
}
