/// Answers in Anthropic's form, as its SDKs parse them.
enum AnthropicWire {
    static func messages(_ question: UpstreamQuestion) -> UpstreamPlan {
        let script = question.script
        guard question.isStream else {
            let content = #"{"type":"text","text":"\#(script.text)"}"#
            return .whole(message(question, content: content, stop: #""end_turn""#, output: script.output))
        }
        let delta =
            script.reportsUsage
            ? #","usage":{\#(input(script)),"output_tokens":\#(script.output)}"# : #","usage":{"output_tokens":0}"#
        return .events(
            before: [
                event("message_start", #""message":\#(message(question, content: "", stop: "null", output: 1))"#),
                event("content_block_start", #""index":0,"content_block":{"type":"text","text":""}"#),
                "event: ping\ndata: {\"type\": \"ping\"}\n\n",
            ],
            count: script.chunks,
            piece: { index in
                event(
                    "content_block_delta", #""index":0,"delta":{"type":"text_delta","text":"\#(script.text(index))"}"#)
            },
            after: [
                event("content_block_stop", #""index":0"#),
                event("message_delta", #""delta":{"stop_reason":"end_turn","stop_sequence":null}\#(delta)"#),
                event("message_stop", nil),
            ])
    }

    /// - Parameter id: `nil` for all of them.
    static func models(_ id: String?) -> UpstreamPlan {
        func model(_ id: String) -> String {
            #"{"type":"model","id":"\#(id)","display_name":"Scripted","created_at":"2026-01-01T00:00:00Z"}"#
        }
        return .whole(
            id.map(model)
                ?? #"{"data":[\#(model("scripted"))],"has_more":false,"first_id":"scripted","last_id":"scripted"}"#)
    }

    static func error(_ status: Int, _ message: String) -> UpstreamPlan {
        let type =
            switch status {
            case 401: "authentication_error"
            case 403: "permission_error"
            case 404: "not_found_error"
            case 413: "request_too_large"
            case 429: "rate_limit_error"
            case 529: "overloaded_error"
            case 500...: "api_error"
            default: "invalid_request_error"
            }
        return .whole(
            #"{"type":"error","error":{"type":"\#(type)","message":"\#(message)"},"request_id":"req_scripted"}"#,
            status: status)
    }

    private static func message(
        _ question: UpstreamQuestion, content: String, stop: String, output: Int
    ) -> String {
        #"{"id":"msg_scripted","type":"message","role":"assistant","model":"\#(question.model)","content":[\#(content)],"#
            + #""stop_reason":\#(stop),"stop_sequence":null,"#
            + #""usage":{\#(input(question.script)),"output_tokens":\#(output),"service_tier":"standard"}}"#
    }

    /// What is from and into the cache is not part of Anthropic's `input_tokens`.
    private static func input(_ script: UpstreamScript) -> String {
        #""input_tokens":\#(max(0, script.input - script.cached - script.cacheWrite)),"#
            + #""cache_creation_input_tokens":\#(script.cacheWrite),"cache_read_input_tokens":\#(script.cached)"#
    }

    private static func event(_ type: String, _ members: String?) -> String {
        "event: \(type)\n" + #"data: {"type":"\#(type)"\#(members.map { "," + $0 } ?? "")}"# + "\n\n"
    }
}
