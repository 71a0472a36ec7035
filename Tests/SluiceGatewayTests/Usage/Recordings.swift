import NIOCore
import SluiceCore
import Testing

@testable import SluiceGateway

/// Answers in the forms that the providers send.
struct Recording: Sendable, CustomTestStringConvertible {
    let name: String
    let kind: EndpointKind
    /// As the upstream sends it, with usage asked for.
    let text: String
    /// What of it is for a client that did not ask for usage.
    let visible: String
    let usage: TokenUsage
    let model: String

    init(_ name: String, _ kind: EndpointKind, _ text: String, hidden: String = "", usage: TokenUsage, model: String) {
        self.name = name
        self.kind = kind
        self.text = text
        visible = hidden.isEmpty ? text : text.split(separator: hidden, omittingEmptySubsequences: false).joined()
        self.usage = usage
        self.model = model
    }

    var testDescription: String { name }

    /// With other ends of lines.
    func with(lineEnd: String, named name: String) -> Recording {
        func change(_ text: String) -> String {
            text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: lineEnd)
        }
        return Recording(
            "\(self.name), \(name)", kind, change(text), changed: change(visible), usage: usage, model: model)
    }

    private init(
        _ name: String, _ kind: EndpointKind, _ text: String, changed: String, usage: TokenUsage, model: String
    ) {
        self.name = name
        self.kind = kind
        self.text = text
        visible = changed
        self.usage = usage
        self.model = model
    }

    func reader(hidesUsage: Bool = true) throws -> UsageReader {
        UsageReader(kind: kind, isStream: true, hidesUsage: hidesUsage, request: try .asking("asked", kind))
    }
}

extension GatewayRequest {
    /// With a reservation of 10 … 100 tokens of input.
    static func asking(_ model: String, _ kind: EndpointKind) throws -> GatewayRequest {
        let body = #"{"model":"\#(model)","stream":true,"messages":[{"role":"user","content":"Say hello, please."}]}"#
        return try GatewayRequest(kind: kind, body: Array(body.utf8)) { _ in nil }
    }
}

extension UsageReader {
    mutating func take(_ text: some Sequence<UInt8>) -> [UInt8] {
        Array(take(ByteBuffer(bytes: text)).readableBytesView)
    }
    mutating func end() -> [UInt8] { Array(finish().readableBytesView) }
}

extension Recording {
    private static let chatUsage = """
        data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-5-mini-2025-08-07","choices":[],\
        "usage":{"prompt_tokens":25,"completion_tokens":17,"total_tokens":42,"prompt_tokens_details":{"cached_tokens":8,\
        "cache_write_tokens":4,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":9,"audio_tokens":0}},\
        "obfuscation":"x"}


        """

    private static func chunk(_ delta: String, finish: String = "null", index: Int = 0) -> String {
        """
        data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-5-mini-2025-08-07","choices":[{"index":\
        \(index),"delta":\(delta),"logprobs":null,"finish_reason":\(finish)}],"usage":null,"obfuscation":"kJ8"}


        """
    }

    static let chat = Recording(
        "chat", .chat,
        chunk(#"{"role":"assistant","content":"","refusal":null}"#) + ": keep-alive\n\n"
            + chunk(#"{"content":"Hello \"you\" \\"}"#) + chunk(#"{"content":" 你好"}"#, index: 1)
            + chunk(
                #"{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{\"usage\":{\"prompt_tokens\":1}}"}}]}"#
            )
            + chunk("{}", finish: #""stop""#) + chatUsage + "data: [DONE]\n\n",
        hidden: chatUsage,
        usage: TokenUsage(input: 25, cached: 8, cacheWrite: 4, output: 17, reasoning: 9), model: "gpt-5-mini-2025-08-07"
    )

    /// Comments, other fields, data over several lines and without a space: all that the standard allows.
    static let oddChat: Recording = {
        let usage = """
            : the end
            event: message
            id:7
            data: {"model":"odd","choices": [ ],
            data:"usage":{"prompt_tokens":3,
            data
            datum: no
            data:"completion_tokens":4}}


            """
        return Recording(
            "odd chat", .chat,
            "\n\nretry: 5\n:\n\ndata:{\"model\":\"odd\",\"choices\":[{\"delta\":{\ndata: \"content\":\"x\"}}]}\n\n"
                + usage
                + "data:[DONE]\n\n",
            hidden: usage, usage: TokenUsage(input: 3, output: 4), model: "odd")
    }()

    static let responses = Recording(
        "responses", .responses,
        """
        event: response.created
        data: {"type":"response.created","response":{"id":"r1","model":"gpt-5-2025-08-07","status":"in_progress",\
        "output":[],"usage":null},"sequence_number":0}

        event: response.output_item.added
        data: {"type":"response.output_item.added","output_index":0,"item":{"type":"message","content":[]}}

        event: response.output_text.delta
        data: {"type":"response.output_text.delta","item_id":"m1","delta":"Hi th","logprobs":[],"obfuscation":"q"}

        event: response.output_text.delta
        data: {"type":"response.output_text.delta","item_id":"m1","delta":"ere","logprobs":[]}

        event: response.output_text.done
        data: {"type":"response.output_text.done","text":"Hi there"}

        event: response.completed
        data: {"type":"response.completed","response":{"id":"r1","model":"gpt-5-2025-08-07","status":"completed","output":\
        [{"type":"message","content":[{"type":"output_text","text":"Hi there","usage":{"input_tokens":9999}}]}],"usage":\
        {"input_tokens":37,"input_tokens_details":{"cached_tokens":12,"cache_write_tokens":5},"output_tokens":11,\
        "output_tokens_details":{"reasoning_tokens":6},"total_tokens":48}},"sequence_number":9}


        """, usage: TokenUsage(input: 37, cached: 12, cacheWrite: 5, output: 11, reasoning: 6),
        model: "gpt-5-2025-08-07")

    static let messages = Recording(
        "messages", .messages,
        """
        event: message_start
        data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":\
        "claude-sonnet-4-5-20250929","stop_reason":null,"usage":{"input_tokens":25,"cache_creation_input_tokens":100,\
        "cache_creation":{"ephemeral_5m_input_tokens":100},"cache_read_input_tokens":50,"output_tokens":1}}}

        event: content_block_start
        data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

        event: ping
        data: {"type": "ping"}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Let me see"}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hello, how are you?"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":1}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":null},"usage":{"output_tokens":8}}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":0,\
        "output_tokens":15,"output_tokens_details":{"thinking_tokens":3},"server_tool_use":{"web_search_requests":1}}}

        event: message_stop
        data: {"type":"message_stop"}


        """, usage: TokenUsage(input: 175, cached: 50, cacheWrite: 100, output: 15, reasoning: 3),
        model: "claude-sonnet-4-5-20250929")

    static let all: [Recording] = [chat, oddChat, responses, messages].flatMap { recording in
        [
            recording, recording.with(lineEnd: "\r\n", named: "CR LF"), recording.with(lineEnd: "\r", named: "CR"),
        ]
    }
}
