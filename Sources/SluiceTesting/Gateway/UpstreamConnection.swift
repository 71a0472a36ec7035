import NIOCore
import NIOHTTP1

/// One client of a ``ScriptedUpstream``: reads its requests and sends what the plans say, byte for byte.
struct UpstreamConnection: Sendable {
    let upstream: ScriptedUpstream
    let channel: NIOAsyncChannel<HTTPServerRequestPart, ByteBuffer>

    /// Returns when the connection is closed, by whichever side.
    func run() async throws {
        try await channel.executeThenClose { inbound, outbound in
            await withTaskGroup { group in
                group.addTask {
                    try? await serve(inbound, outbound)
                    channel.channel.close(promise: nil)
                }
                // What waits at a gate or hangs is cancelled when the client goes.
                group.addTask { try? await channel.channel.closeFuture.get() }
                await group.next()
                group.cancelAll()
            }
        }
    }

    private func serve(
        _ inbound: NIOAsyncChannelInboundStream<HTTPServerRequestPart>,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        var head: HTTPRequestHead?
        var body: [UInt8] = []
        for try await part in inbound {
            switch part {
            case .head(let newHead): (head, body) = (newHead, [])
            case .body(let bytes): body.append(contentsOf: bytes.readableBytesView)
            case .end:
                guard let head else { return }
                let exchange = UpstreamExchange(
                    method: head.method.rawValue, path: head.uri, headers: head.headers.map { ($0.name, $0.value) },
                    body: body)
                upstream.received(exchange)
                guard try await answer(exchange, outbound), head.isKeepAlive else { return }
            }
        }
    }

    /// - Returns: whether the connection may be used for more.
    private func answer(
        _ exchange: UpstreamExchange, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws -> Bool {
        let question = UpstreamQuestion(body: exchange.body)
        do {
            let isWhole = try await send(upstream.plan(exchange, question), question.script, exchange, outbound)
            exchange.finish(isWhole ? .complete : .brokenOff)
            return isWhole
        } catch {
            exchange.finish(.cutOff)
            throw error
        }
    }

    /// - Returns: whether all was sent, as promised.
    private func send(
        _ plan: UpstreamPlan, _ script: UpstreamScript, _ exchange: UpstreamExchange,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws -> Bool {
        func write(_ text: String) async throws {
            try await outbound.write(ByteBuffer(string: text))
            exchange.wrote(text.utf8.count)
        }
        func piece(_ text: String) -> String {
            plan.isStream ? String(text.utf8.count, radix: 16) + "\r\n" + text + "\r\n" : text
        }
        if script.hangsAfter == -1 { try await Gate().pass() }
        if script.cutsAfter == -1 { return false }
        if script.has("garbage") {
            try await write("HTTP/1.1 two hundred\r\nso: what\r\n\r\n")
            return false
        }
        try await write(head(plan, script))
        if !plan.before.isEmpty { try await write(plan.before.map(piece).joined()) }
        for index in 0..<plan.count {
            if script.hangsAfter == index { try await Gate().pass() }
            if script.cutsAfter == index { return false }
            if index > 0, script.has("gate") { try await upstream.gate.pass() }
            try await write(piece(plan.piece(index)))
        }
        if script.has("short") { return false }
        if plan.isStream { try await write(plan.after.map(piece).joined() + "0\r\n\r\n") }
        return true
    }

    private func head(_ plan: UpstreamPlan, _ script: UpstreamScript) -> String {
        var head = "HTTP/1.1 \(plan.status) Scripted\r\n"
        for (name, value) in plan.headers + Self.ofEveryAnswer { head += "\(name): \(value)\r\n" }
        if script.has("gzip") { head += "content-encoding: gzip\r\n" }
        if plan.isStream { return head + "transfer-encoding: chunked\r\n\r\n" }
        return head + "content-length: \(plan.length + (script.has("short") ? 100 : 0))\r\n\r\n"
    }

    /// What the providers send along, much of which is not for others' eyes.
    private static let ofEveryAnswer = [
        ("date", "Tue, 24 Nov 2026 12:00:00 GMT"), ("server", "cloudflare"), ("x-request-id", "req_scripted"),
        ("request-id", "req_scripted"), ("openai-organization", "org-scripted"), ("openai-project", "proj_scripted"),
        ("openai-processing-ms", "7"), ("openai-version", "2020-10-01"), ("x-ratelimit-limit-requests", "10000"),
        ("x-ratelimit-remaining-requests", "9999"), ("x-ratelimit-reset-requests", "6ms"),
        ("anthropic-ratelimit-requests-limit", "4000"), ("anthropic-ratelimit-requests-remaining", "3999"),
        ("anthropic-organization-id", "org-scripted"), ("set-cookie", "__cf_bm=scripted; path=/; HttpOnly"),
        ("strict-transport-security", "max-age=31536000"), ("alt-svc", "h3=\":443\"; ma=86400"),
        ("keep-alive", "timeout=5"), ("x-internal", "10.0.0.1"),
    ]
}
