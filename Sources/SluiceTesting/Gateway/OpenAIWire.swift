/// Answers in OpenAI's form, as its SDKs parse them.
enum OpenAIWire {
    private static let created = 1_790_000_000

    static func chat(_ question: UpstreamQuestion) -> UpstreamPlan {
        let script = question.script
        guard question.isStream else {
            return .whole(
                #"{"id":"chatcmpl-scripted","object":"chat.completion","created":\#(created),"model":"\#(question.model)","#
                    + #""choices":[{"index":0,"message":{"role":"assistant","content":"\#(script.text)","refusal":null,"#
                    + #""annotations":[]},"logprobs":null,"finish_reason":"stop"}]\#(chatUsage(script)),"#
                    + #""service_tier":"default","system_fingerprint":"fp_scripted"}"#)
        }
        let usageMember = question.includesUsage ? #","usage":null"# : ""
        let head =
            #"data: {"id":"chatcmpl-scripted","object":"chat.completion.chunk","created":\#(created),"#
            + #""model":"\#(question.model)","service_tier":"default","system_fingerprint":"fp_scripted","choices":["#
        @Sendable func chunk(_ delta: String, finish: String = "null") -> String {
            head + #"{"index":0,"delta":{\#(delta)},"logprobs":null,"finish_reason":\#(finish)}]\#(usageMember)}"#
                + "\n\n"
        }
        let usage = question.includesUsage && script.reportsUsage ? [head + "]\(chatUsage(script))}\n\n"] : []
        return .events(
            before: [chunk(#""role":"assistant","content":"","refusal":null"#)], count: script.chunks,
            piece: { chunk(#""content":"\#(script.text($0))""#) },
            after: [chunk("", finish: #""stop""#)] + usage + ["data: [DONE]\n\n"])
    }

    static func embeddings(_ question: UpstreamQuestion) -> UpstreamPlan {
        let script = question.script
        // 0.25, -0.5, 1 and 0.
        let vector = question.wantsBase64 ? #""AACAPgAAAL8AAIA/AAAAAA==""# : "[0.25,-0.5,1.0,0.0]"
        let usage = #","usage":{"prompt_tokens":\#(script.input),"total_tokens":\#(script.input)}"#
        return .whole(
            #"{"object":"list","data":[{"object":"embedding","index":0,"embedding":\#(vector)}],"#
                + #""model":"\#(question.model)"\#(script.reportsUsage ? usage : "")}"#)
    }

    /// - Parameter id: `nil` for all of them.
    static func models(_ id: String?) -> UpstreamPlan {
        func model(_ id: String) -> String {
            #"{"id":"\#(id)","object":"model","created":\#(created),"owned_by":"scripted"}"#
        }
        return .whole(id.map(model) ?? #"{"object":"list","data":[\#(model("scripted")),\#(model("scripted-big"))]}"#)
    }

    static func error(_ status: Int, _ message: String) -> UpstreamPlan {
        let (type, code) =
            switch status {
            case 401: ("invalid_request_error", "invalid_api_key")
            case 429: ("requests", "rate_limit_exceeded")
            case 500...: ("server_error", "server_error")
            default: ("invalid_request_error", "invalid_value")
            }
        return .whole(
            #"{"error":{"message":"\#(message)","type":"\#(type)","param":null,"code":"\#(code)"}}"#, status: status)
    }

    private static func chatUsage(_ script: UpstreamScript) -> String {
        guard script.reportsUsage else { return "" }
        return #","usage":{"prompt_tokens":\#(script.input),"completion_tokens":\#(script.output),"#
            + #""total_tokens":\#(script.input + script.output),"prompt_tokens_details":{"cached_tokens":\#(script.cached),"#
            + #""cache_write_tokens":\#(script.cacheWrite),"audio_tokens":0},"#
            + #""completion_tokens_details":{"reasoning_tokens":\#(script.reasoning),"audio_tokens":0,"#
            + #""accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}"#
    }
}
