/// When calls are made, and which of them count.
struct Plan {
    let begin: ContinuousClock.Instant
    /// The measurement's span.
    let from, to: ContinuousClock.Instant
    /// From one call of a connection to its next; `nil` for no pause.
    let period: Duration?
}

/// What is asked.
struct Mix {
    let requests: [Requests]
    /// Shares, 0 to 1.
    let streams, hangUps, busy: Double

    func next() -> (request: [UInt8], leaveAfter: Int?) {
        let isBusy = busy > 0 && Double.random(in: 0..<1) < busy
        let choice = isBusy ? requests[0] : requests[Int.random(in: 0..<requests.count)]
        let isStream = streams > 0 && Double.random(in: 0..<1) < streams
        let leaves = hangUps > 0 && Double.random(in: 0..<1) < hangUps
        return (isStream ? choice.stream : choice.whole, leaves ? Int.random(in: 0..<2_400) : nil)
    }
}

/// One user's requests: bytes that are made once.
struct Requests {
    let whole: [UInt8]
    let stream: [UInt8]

    init(token: String, models: Bool) {
        let head = "HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \(token)\r\n"
        func completion(_ rest: String) -> [UInt8] {
            let body = """
                {"model":"bench-1","messages":[{"role":"system","content":"You answer in one sentence."},\
                {"role":"user","content":"What does a sliding window count?"}],"max_tokens":64\(rest)}
                """
            return Array(
                """
                POST /v1/chat/completions \(head)Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\
                \(body)
                """.utf8)
        }
        whole = models ? Array("GET /v1/models \(head)Content-Length: 0\r\n\r\n".utf8) : completion("")
        stream = completion(#","stream":true,"stream_options":{"include_usage":true}"#)
    }
}
