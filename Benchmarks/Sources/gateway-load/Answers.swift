/// What the model's stand-in says: bytes that are made once.
struct Answers {
    /// A chat completion.
    let whole: [UInt8]
    /// The same as events, one HTTP chunk each; the last one reports the usage.
    let pieces: [[UInt8]]

    init(pieces count: Int) {
        let words = "A sliding window counts what lies behind it at every moment, not since the last full hour."
        let usage = """
            {"prompt_tokens":24,"completion_tokens":20,"total_tokens":44,"prompt_tokens_details":{"cached_tokens":0},\
            "completion_tokens_details":{"reasoning_tokens":0}}
            """
        let common = #""id":"chatcmpl-1","created":1790000000,"model":"bench-1","system_fingerprint":"fp_1""#
        let body = """
            {\(common),"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":\
            "\(words) \(words)","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":\(usage)}
            """
        whole = Array(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                .utf8)
        let text =
            #"{\#(common),"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"window "},"#
            + #""finish_reason":null}],"usage":null}"#
        let last = #"{\#(common),"object":"chat.completion.chunk","choices":[],"usage":\#(usage)}"#
        let events = Array(repeating: "data: \(text)\n\n", count: count - 1) + ["data: \(last)\n\ndata: [DONE]\n\n"]
        var chunks = events.map { "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n" }
        chunks[0] =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks[0]
        chunks[count - 1] += "0\r\n\r\n"
        pieces = chunks.map { Array($0.utf8) }
    }
}
