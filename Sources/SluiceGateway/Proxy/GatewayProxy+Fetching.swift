import AsyncHTTPClient
import NIOCore
import NIOHTTP1

extension GatewayProxy {
    /// Fetches a small document, such as a set of keys.
    ///
    /// - Parameter limit: the most bytes that it may have.
    /// - Throws: ``ProxyFailure``; anything but a 200 is one.
    package func get(_ url: String, limit: Int = 512 * 1_024, timeout: Duration) async throws(ProxyFailure) -> [UInt8] {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "accept", value: "application/json")
        let answer = try await ask(request, limit: limit, timeout: timeout)
        guard answer.status == 200 else { throw answer.status / 100 == 3 ? .redirected : .unexpected }
        return answer.bytes
    }

    /// Asks a model and waits for all of its answer; an error's body comes with the key masked.
    ///
    /// - Parameter body: what the upstream's endpoint for chats expects: chat completions, or messages of Anthropic's kind.
    /// - Throws: ``ProxyFailure``, also for more than 4 MiB, a redirect, and an upstream that refuses the key.
    package func complete(
        body: [UInt8], on upstream: Upstream, deadline: ContinuousClock.Instant
    ) async throws(ProxyFailure) -> (status: Int, bytes: [UInt8]) {
        let kind: EndpointKind = upstream.kind == .openAI ? .chat : .messages
        var request = HTTPClientRequest(url: upstream.root + kind.path)
        request.method = .POST
        request.headers = UpstreamHeaders.make(for: upstream)
        let sent = SentBody(body)
        request.body = .stream(sent, length: .known(Int64(body.count)))
        let answer: WholeAnswer
        do throws(ProxyFailure) {
            answer = try await ask(request, limit: 4_096 * 1_024, timeout: deadline - .now)
        } catch {
            throw sent.isSent ? error : .unreachable
        }
        _ = try AnswerHead(status: answer.status, headers: answer.headers, of: upstream)
        guard answer.status / 100 != 2 else { return (answer.status, answer.bytes) }
        var mask = KeyMask(upstream.key)
        let masked = mask.take(ByteBuffer(bytes: answer.bytes))
        return (answer.status, Array(masked.readableBytesView) + Array(mask.finish().readableBytesView))
    }

    private struct WholeAnswer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let bytes: [UInt8]
    }

    private func ask(
        _ request: HTTPClientRequest, limit: Int, timeout: Duration
    ) async throws(ProxyFailure) -> WholeAnswer {
        do {
            return try await withThrowingTaskGroup { group in
                group.addTask { () -> WholeAnswer? in
                    let response = try await self.client.execute(request, timeout: TimeAmount(timeout))
                    let body = try await response.body.collect(upTo: limit)
                    return WholeAnswer(
                        status: Int(response.status.code), headers: response.headers,
                        bytes: Array(body.readableBytesView))
                }
                group.addTask {
                    try await Task.sleep(for: timeout)
                    return nil
                }
                defer { group.cancelAll() }
                guard let answer = try await group.next() ?? nil else { throw ProxyFailure.timedOut }
                return answer
            }
        } catch is NIOTooManyBytesError {
            throw .tooLarge
        } catch {
            throw ProxyFailure(error, isSent: true)
        }
    }
}
