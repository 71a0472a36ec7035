import HTTPTypes
import HummingbirdSluice
import HummingbirdTesting
import Testing

@testable import SluiceServer

/// What an answer tells a browser.
@Suite struct BrowserTests {
    private static let origin = "https://app.example.com"

    private func preflight(_ origin: String) -> HTTPFields {
        [
            .origin: origin, .accessControlRequestMethod: "POST",
            .accessControlRequestHeaders: "authorization,x-stainless-lang",
        ]
    }

    @Test func everyAnswerIsKeptFromHarm() async throws {
        let service = try TestService()
        for (method, path, headers) in [
            (HTTPRequest.Method.get, "/healthz", HTTPFields()), (.get, "/metrics", [:]), (.get, "/nothing", [:]),
            (.post, "/v1/admit", [:]), (.post, "/v1/messages", [:]), (.options, "/v1/admit", [:]),
            (.head, "/readyz", [:]),
        ] {
            let fields = try await service.send(method, path, headers: headers).headers
            #expect(fields[.xContentTypeOptions] == "nosniff", "\(method) \(path)")
            #expect(fields[.contentSecurityPolicy] == "default-src 'none'; frame-ancestors 'none'")
            #expect(fields[.referrerPolicy] == "no-referrer" && fields[.xFrameOptions] == "DENY")
            #expect(fields[values: .cacheControl] == ["no-store"])
        }
    }

    @Test func noPageIsAllowedUnlessConfigured() async throws {
        let service = try TestService()
        let answers = [
            try await service.send(.options, "/v1/admit", headers: preflight(Self.origin)),
            try await service.send(.get, "/healthz", headers: [.origin: Self.origin]),
        ]
        for answer in answers {
            #expect(!answer.headers.contains { $0.name.canonicalName.hasPrefix("access-control-") })
        }
    }

    @Test func aPageThatIsAllowedMayAsk() async throws {
        let service = try TestService(configure: { $0.crossOrigin = try CrossOrigin([Self.origin]) })
        let allowed = try await service.send(.options, "/v1/admit", headers: preflight(Self.origin))
        #expect(allowed.status == .noContent && allowed.headers[.vary] == "origin")
        #expect(allowed.headers[.accessControlAllowOrigin] == Self.origin)
        #expect(allowed.headers[.accessControlAllowMethods] == "POST, OPTIONS")
        #expect(allowed.headers[.accessControlAllowHeaders] == "authorization,x-stainless-lang")
        #expect(allowed.headers[.accessControlAllowCredentials] == nil)
        let answer = try await service.send(.get, "/nothing", headers: [.origin: Self.origin])
        #expect(answer.headers[.accessControlAllowOrigin] == Self.origin)
        for other in ["https://app.example.com.evil.example", "null", "http://app.example.com", "*"] {
            let refused = try await service.send(.options, "/v1/admit", headers: preflight(other))
            #expect(refused.headers[.accessControlAllowOrigin] == nil && refused.headers[.vary] == "origin")
        }
    }

    @Test(arguments: ["*", "app.example.com", "https://app.example.com/", "https://*.example.com", "null", ""])
    func whatIsNoOriginStopsTheStart(text: String) {
        #expect(throws: ServiceConfigurationError.notAnOrigin(text)) { try CrossOrigin([text]) }
    }
}
