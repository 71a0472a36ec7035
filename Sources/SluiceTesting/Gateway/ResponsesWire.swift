/// Answers of OpenAI's `/v1/responses`, as its SDKs parse them.
enum ResponsesWire {
    static func answer(_ question: UpstreamQuestion) -> UpstreamPlan {
        let script = question.script
        let part = part(text: script.text)
        let item = item(status: "completed", content: part)
        let whole = response(question, status: "completed", output: item, usage: usage(script))
        guard question.isStream else { return .whole(whole) }
        let place = #""item_id":"msg_scripted","output_index":0,"content_index":0"#
        let open = response(question, status: "in_progress", output: "", usage: "null")
        let before = [
            (#"response.created"#, #""response":\#(open)"#),
            (#"response.in_progress"#, #""response":\#(open)"#),
            (
                #"response.output_item.added"#,
                #""output_index":0,"item":\#(Self.item(status: "in_progress", content: ""))"#
            ),
            (#"response.content_part.added"#, #"\#(place),"part":\#(Self.part(text: ""))"#),
        ]
        let after = [
            (#"response.output_text.done"#, #"\#(place),"text":"\#(script.text)","logprobs":[]"#),
            (#"response.content_part.done"#, #"\#(place),"part":\#(part)"#),
            (#"response.output_item.done"#, #""output_index":0,"item":\#(item)"#),
            (#"response.completed"#, #""response":\#(whole)"#),
        ]
        return .events(
            before: before.enumerated().map { event($1.0, $0, $1.1) }, count: script.chunks,
            piece: { index in
                event(
                    "response.output_text.delta", before.count + index,
                    #"\#(place),"delta":"\#(script.text(index))","logprobs":[]"#)
            },
            after: after.enumerated().map { event($1.0, before.count + script.chunks + $0, $1.1) })
    }

    private static func event(_ type: String, _ number: Int, _ members: String) -> String {
        "event: \(type)\n" + #"data: {"type":"\#(type)","sequence_number":\#(number),\#(members)}"# + "\n\n"
    }

    private static func part(text: String) -> String {
        #"{"type":"output_text","annotations":[],"logprobs":[],"text":"\#(text)"}"#
    }

    private static func item(status: String, content: String) -> String {
        #"{"id":"msg_scripted","type":"message","status":"\#(status)","role":"assistant","content":[\#(content)]}"#
    }

    private static func response(
        _ question: UpstreamQuestion, status: String, output: String, usage: String
    ) -> String {
        #"{"id":"resp_scripted","object":"response","created_at":1790000000,"status":"\#(status)","background":false,"#
            + #""error":null,"incomplete_details":null,"instructions":null,"max_output_tokens":null,"#
            + #""model":"\#(question.model)","output":[\#(output)],"parallel_tool_calls":true,"#
            + #""previous_response_id":null,"reasoning":{"effort":null,"summary":null},"store":false,"temperature":1.0,"#
            + #""text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"top_p":1.0,"truncation":"disabled","#
            + #""usage":\#(usage),"user":null,"metadata":{}}"#
    }

    private static func usage(_ script: UpstreamScript) -> String {
        guard script.reportsUsage else { return "null" }
        return #"{"input_tokens":\#(script.input),"input_tokens_details":{"cached_tokens":\#(script.cached),"#
            + #""cache_write_tokens":\#(script.cacheWrite)},"output_tokens":\#(script.output),"#
            + #""output_tokens_details":{"reasoning_tokens":\#(script.reasoning)},"#
            + #""total_tokens":\#(script.input + script.output)}"#
    }
}
