import SluiceCore
import Testing

@testable import SluiceGateway

@Suite("Reading a request")
struct GatewayRequestTests {
    private func request(
        _ body: String, _ kind: EndpointKind = .chat, upstreamModel: String? = nil
    ) throws(GatewayRequestError) -> GatewayRequest {
        try GatewayRequest(kind: kind, body: Array(body.utf8)) { _ in upstreamModel }
    }

    private func text(_ request: GatewayRequest) -> String { String(decoding: request.body, as: UTF8.self) }

    @Test("passes a body on byte for byte where nothing is to be changed", arguments: EndpointKind.allCases)
    func untouched(kind: EndpointKind) throws {
        let body = " {\n \"model\" : \"m\\u002d1\", \"messages\":[{\"role\":\"user\",\"content\":\"h\\u0069 😀\"}] }\r\n"
        let request = try request(body, kind)
        #expect(request.model == "m-1")
        #expect(text(request) == body)
        #expect(!request.isStream)
        #expect(!request.hidesUsage)
    }

    @Test(
        "asks for the usage of a chat's stream, and hides it where the client did not ask",
        arguments: [
            (#"{"model":"m","stream":true}"#, #"{"stream_options":{"include_usage":true},"model":"m","stream":true}"#),
            (
                #" { "stream" : true, "model":"m","stream_options" : null }"#,
                #" { "stream" : true, "model":"m","stream_options" : {"include_usage":true} }"#
            ),
            (
                #"{"model":"m","stream":true,"stream_options":{ }}"#,
                #"{"model":"m","stream":true,"stream_options":{"include_usage":true }}"#
            ),
            (
                #"{"model":"m","stream":true,"stream_options":{"include_obfuscation":false}}"#,
                #"{"model":"m","stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}}"#
            ),
            (
                #"{"model":"m","stream":true,"stream_options":{"include_us\u0061ge": false }}"#,
                #"{"model":"m","stream":true,"stream_options":{"include_us\u0061ge": true }}"#
            ),
        ])
    func includesUsage(body: String, expected: String) throws {
        let request = try request(body)
        #expect(text(request) == expected)
        #expect(request.hidesUsage)
        #expect(request.isStream)
    }

    @Test("leaves a stream alone whose usage the client asked for, and those of the other kinds")
    func leavesStreams() throws {
        let asked = #"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#
        let asks = try request(asked)
        #expect(text(asks) == asked)
        #expect(!asks.hidesUsage)
        for kind in [EndpointKind.responses, .messages] {
            let body = #"{"model":"m","stream":true}"#
            let request = try request(body, kind)
            #expect(text(request) == body)
            #expect(request.isStream && !request.hidesUsage)
        }
    }

    @Test("puts another model in")
    func replacesModel() throws {
        let request = try request(#"{"a":[1, 2],"mod\u0065l": "fast" ,"b":"\u00e9"}"#, upstreamModel: "gpt \"5\"")
        #expect(text(request) == #"{"a":[1, 2],"mod\u0065l": "gpt \"5\"" ,"b":"\u00e9"}"#)
        #expect(request.model == "fast")
        #expect(request.upstreamModel == "gpt \"5\"")
    }

    @Test(
        "refuses what it cannot meter, naming the member",
        arguments: [
            ("", "body"), ("[]", "body"), ("{", "body"), ("{}", "model"), (#"{"model":1}"#, "model"),
            (#"{"model":null}"#, "model"), (#"{"model":""}"#, "model"), (#"{"model":"a\u0000"}"#, "model"),
            (#"{"model":"\ud800"}"#, "model"), (#"{"model":"m","stream":"true"}"#, "stream"),
            (#"{"model":"m","stream":1}"#, "stream"), (#"{"model":"m","max_tokens":-1}"#, "max_tokens"),
            (#"{"model":"m","max_tokens":1.5}"#, "max_tokens"), (#"{"model":"m","n":"2"}"#, "n"),
            (#"{"model":"m","stream":true,"stream_options":[]}"#, "stream_options"),
            (
                #"{"model":"m","stream":true,"stream_options":{"include_usage":1}}"#,
                "stream_options.include_usage"
            ),
        ])
    func refuses(body: String, field: String) throws {
        let error = #expect(throws: GatewayRequestError.self) { _ = try request(body) }
        #expect(error?.field == field)
    }

    @Test("refuses a model's name of more than 256 bytes, and takes one of 256")
    func longModel() throws {
        func body(_ count: Int) -> String { #"{"model":"\#(String(repeating: "m", count: count))"}"# }
        _ = try request(body(256))
        #expect(throws: GatewayRequestError.self) { _ = try request(body(257)) }
    }

    @Test(
        "refuses members that another parser could read in another way",
        arguments: [
            #"{"model":"cheap","model":"dear"}"#, #"{"model":"cheap","mod\u0065l":"dear"}"#,
            #"{"model":"cheap","Model":"dear"}"#, #"{"model":"m","ſtream":true}"#, #"{"model":"m","STREAM":true}"#,
            #"{"model":"m","stream":false,"stream":true}"#, #"{"model":"m","max_tokens":1,"max_tokens":100000}"#,
            #"{"model":"m","stream":true,"stream_options":{"include_usage":true,"include_usage":false}}"#,
            #"{"model":"m","stream":true,"stream_options":{"include_usage":true,"Include_Usage":false}}"#,
            #"{"model":"m","stream":true,"stream_options":{},"stream_options":{"include_usage":false}}"#,
        ])
    func refusesAmbiguity(body: String) {
        #expect(throws: GatewayRequestError.self) { _ = try request(body) }
    }

    @Test("refuses a response in the background, whose usage would pass by")
    func background() throws {
        #expect(throws: GatewayRequestError.self) { _ = try request(#"{"model":"m","background":true}"#, .responses) }
        _ = try request(#"{"model":"m","background":false}"#, .responses)
    }

    @Test(
        "sets aside the output that the request allows",
        arguments: [
            (EndpointKind.chat, #""max_tokens":7"#, 7), (.chat, #""max_completion_tokens":8,"max_tokens":7"#, 8),
            (.chat, #""max_tokens":7,"n":3"#, 21), (.chat, #""temperature":1"#, 4_096),
            (.chat, #""max_tokens":null"#, 4_096),
            (.chat, #""max_tokens":9223372036854775807,"n":9"#, Reservation.maximum),
            (.responses, #""max_output_tokens":5,"max_tokens":7"#, 5), (.messages, #""max_tokens":9"#, 9),
            (.embeddings, #""max_tokens":9"#, 0),
        ])
    func output(kind: EndpointKind, member: String, expected: Int64) throws {
        #expect(try request("{\"model\":\"m\",\(member)}", kind).reservation.outputTokens == expected)
    }

    @Test("estimates the input by its size, whatever script it is in, and not by that of an image")
    func input() throws {
        func tokens(_ content: String) throws -> Int64 {
            try request(#"{"model":"m","messages":[{"role":"user","content":"\#(content)"}]}"#).reservation.inputTokens
        }
        let frame = try tokens("")
        #expect(try tokens(String(repeating: "four ", count: 400)) == frame + 500)
        #expect(try tokens(String(repeating: "字", count: 400)) == frame + 400)
        let image = "data:image/png;base64," + String(repeating: "iVBORw0K", count: 10_000)
        #expect(try (frame...frame + 2_000).contains(tokens(image)))
        #expect(try request(#"{"model":"m","input":[1,2,3]}"#, .embeddings).reservation.inputTokens >= 3)
    }

    @Test("knows the most that it can cost, by the price that fits best")
    func cost() throws {
        func price(_ model: String, _ output: Int64) -> ModelPrice {
            ModelPrice(id: 1, model: model, input: 0, cached: 0, cacheWrite: 0, output: output)
        }
        let prices = [price("*", 1_000_000), price("gpt-*", 2_000_000), price("gpt-5", 3_000_001), price("gpt-5*", 9)]
        func cost(_ model: String, by prices: [ModelPrice]) throws -> Int64? {
            try request(#"{"model":"\#(model)","max_tokens":10}"#).cost(by: prices)
        }
        #expect(try cost("gpt-5", by: prices) == 31)
        #expect(try cost("gpt-4", by: prices) == 20)
        #expect(try cost("other", by: prices) == 10)
        #expect(try cost("other", by: [price("gpt-5", 1)]) == nil)
        #expect(try cost("gpt-5", by: [price("gpt-5", .max)]) == Reservation.maximum)
    }
}
