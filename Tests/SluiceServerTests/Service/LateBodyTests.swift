import Hummingbird
import HummingbirdTesting
import Testing

@testable import SluiceServer

/// Nobody keeps a connection by a body that never ends.
@Suite(.timeLimit(.minutes(10))) struct LateBodyTests {
    /// The server's own timeout would not end this one, so that only the time for bodies does.
    private func service() throws -> TestService {
        try TestService(configure: { configuration in
            configuration.modelBodyTimeout = .milliseconds(50)
            configuration.idleTimeout = .seconds(86_400)
        })
    }

    @Test(arguments: ["Content-Length: 1000000\r\n\r\nx", "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"])
    func whoIsRefusedCannotSendForEver(rest: String) async throws {
        let answer = try await service().application.test(.live) { client in
            try await RawExchange.send(
                "POST /v1/admit HTTP/1.1\r\nHost: x\r\n\(rest)", port: #require(client.port))
        }
        #expect(answer.hasPrefix("HTTP/1.1 401"))
    }

    @Test func aBodyThatEndedLeavesTheConnectionOpen() async throws {
        let post = "POST /v1/admit HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
        let answer = try await service().application.test(.live) { client in
            try await RawExchange.send(
                "\(post)\r\nx\(post)Connection: close\r\n\r\nx", port: #require(client.port))
        }
        #expect(answer.split(separator: "HTTP/1.1 401").count == 2)
    }
}
