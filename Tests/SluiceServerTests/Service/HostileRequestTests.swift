import HTTPTypes
import HummingbirdSluice
import HummingbirdTesting
import Testing

@testable import SluiceServer

/// Requests that two parsers could read in two ways, over a real socket: none is answered twice.
@Suite(.timeLimit(.minutes(10))) struct HostileRequestTests {
    /// What the first request smuggles along: answered, it says "alive" and ends the connection.
    private static let smuggled = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    private func exchange(_ bytes: [UInt8], _ service: TestService? = nil) async throws -> String {
        try await (service ?? TestService()).application.test(.live) { client in
            try await RawExchange.send(bytes, port: #require(client.port))
        }
    }

    private func exchange(_ text: String) async throws -> String { try await exchange(Array(text.utf8)) }

    private func answers(_ text: String) -> Int {
        text.split(separator: "HTTP/1.1 ", omittingEmptySubsequences: false).count - 1
    }

    @Test(arguments: [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        "Content-Length: 0\r\nContent-Length: 80\r\n\r\n", "Content-Length: 0, 80\r\n\r\n",
        "Content-Length: +0\r\n\r\n",
        "Content-Length: -1\r\n\r\n", "Content-Length: 0x0\r\n\r\n", "Content-Length : 0\r\n\r\n",
        "Content-Length: 99999999999999999999\r\n\r\n",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n", "Transfer-Encoding:\u{0B}chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\r\n chunked\r\nContent-Length: 0\r\n\r\n", "X: a\r\n Content-Length: 0\r\n\r\n",
        "X: a\u{0}b\r\nContent-Length: 0\r\n\r\n", "X: a\rContent-Length: 0\r\n\r\n", "X\u{0}: a\r\n\r\n",
        "X y: a\r\n\r\n",
        ": a\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n-0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
    ])
    func anAmbiguousHeadSmugglesNothing(head: String) async throws {
        let answer = try await exchange(
            "POST /v1/admit HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(Sample.key)\r\n\(head)\(Self.smuggled)")
        #expect(answers(answer) <= 1, "\(answer)")
        #expect(!answer.contains("alive"), "\(answer)")
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer)")
    }

    @Test(arguments: [
        "GET /healthz HTTP/1.1\nHost: x\nConnection: close\n\n",
        "GET http://elsewhere.example/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /healthz HTTP/0.9\r\n\r\n", "GET /healthz\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
        "GET /v1/users/%0d%0aSet-Cookie:%20a=b/window HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: a\r\n Set-Cookie: b\r\n\r\n",
    ])
    func anOddRequestIsAnsweredOnceOrNotAtAll(request: String) async throws {
        let answer = try await exchange(request)
        #expect(answers(answer) <= 1, "\(answer)")
        #expect(!answer.lowercased().contains("\r\nset-cookie"), "\(answer)")
    }

    /// What nobody reads is not kept either.
    @Test func aHugeChunkExtensionIsNoBody() async throws {
        let padding = String(repeating: "x", count: 1_000_000)
        let answer = try await exchange(
            "POST /v1/admit HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(Sample.key)\r\nConnection: close\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n2;\(padding)\r\n{}\r\n0\r\n\r\n")
        #expect(answers(answer) <= 1)
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400"))
    }

    @Test func aHeadHasLimits() async throws {
        let service = try TestService()
        func send(_ fields: Int, bytes: Int = 0) async throws -> TestResponse {
            var headers = HTTPFields()
            let name = try #require(HTTPField.Name("x-many"))
            for _ in 0..<fields { headers.append(HTTPField(name: name, value: String(repeating: "v", count: bytes))) }
            return try await service.send(.get, "/healthz", headers: headers)
        }
        #expect(try await send(100).status == .ok)
        try await send(101).problem(.requestHeaderFieldsTooLarge)
        #expect(try await send(1, bytes: 32 * 1_024 - 6).status == .ok)
        try await send(1, bytes: 32 * 1_024 - 5).problem(.requestHeaderFieldsTooLarge)
    }

    @Test(arguments: [(120, 1, "431"), (1_000, 1, "400"), (1, 40_000, "431"), (1, 200_000, "400"), (40, 5_000, "400")])
    func whatIsFarTooLargeIsNotEvenRead(fields: Int, bytes: Int, status: String) async throws {
        let field = "X-Many: " + String(repeating: "v", count: bytes) + "\r\n"
        let answer = try await exchange(
            "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(String(repeating: field, count: fields))\r\n")
        // A connection that is closed with much unread may lose the answer.
        #expect(answer.hasPrefix("HTTP/1.1 \(status)") || status == "400" && answer.isEmpty, "\(answer)")
        #expect(answers(answer) <= 1)
    }

    @Test func aHugeTargetIsCutOff() async throws {
        let answer = try await exchange(
            "GET /\(String(repeating: "a", count: 1_000_000)) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(answers(answer) <= 1)
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"))
    }
}
