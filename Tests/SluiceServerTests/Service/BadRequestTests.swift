import HTTPTypes
import HummingbirdSluice
import HummingbirdTesting
import NIOCore
import Testing

@testable import SluiceServer

@Suite struct BadRequestTests {
    @Test(arguments: [
        ("", "body"), ("null", "body"), ("{} {}", "body"), ("{\"user\":\"\(Sample.user)\"}x", "body"), ("{}", "user"),
        (#"{"user":"nobody"}"#, "user"), (#"{"user":"\#(Sample.user)","weight":NaN}"#, "weight"),
        (#"{"user":"\#(Sample.user)","cost":1}"#, "cost"),
    ])
    func malformedBodiesNameTheField(body: String, field: String) async throws {
        let limiter = ScriptedLimiter()
        try await TestService(limiter: limiter).send(.post, "/v1/admit", body).problem(.badRequest, field: field)
        #expect(limiter.calls.isEmpty)
    }

    @Test func anEchoedNameCannotBreakOut() async throws {
        let response = try await TestService().send(.post, "/v1/admit", #"{"\"},<script>\n":1}"#)
        try response.problem(.badRequest, field: "\"},<script>\n")
        #expect(response.headers[.xContentTypeOptions] == "nosniff")
    }

    @Test func invalidUTF8() async throws {
        let bytes = Array(#"{"user":""#.utf8) + [0xFF] + Array(#""}"#.utf8)
        try await TestService().send(.post, "/v1/admit", bytes: bytes).problem(.badRequest, field: "user")
    }

    @Test func tooLarge() async throws {
        let service = try TestService()
        let room = 16 * 1_024 - #"{"user":"\#(Sample.user)"}"#.utf8.count
        func padded(_ count: Int) -> String { #"{"user":"\#(Sample.user)"}"# + String(repeating: " ", count: count) }
        #expect(try await service.send(.post, "/v1/admit", padded(room)).status == .ok)
        try await service.send(.post, "/v1/admit", padded(room + 1)).problem(.contentTooLarge)
    }

    @Test func wrongType() async throws {
        let response = try await TestService().send(
            .post, "/v1/admit", "{}", headers: [.authorization: "Bearer \(Sample.key)", .contentType: "text/plain"])
        try response.problem(.unsupportedMediaType)
        #expect(response.headers[.accept] == "application/json")
    }

    @Test(arguments: [
        (HTTPRequest.Method.get, "/v1/admit", "POST, OPTIONS"), (.delete, "/v1/peek", "POST, OPTIONS"),
        (.head, "/v1/admit", "POST, OPTIONS"), (.post, "/v1/users/\(Sample.user)/window", "GET, HEAD, OPTIONS"),
        (.put, "/healthz", "GET, HEAD, OPTIONS"), (.trace, "/metrics", "GET, HEAD, OPTIONS"),
        (.post, "/readyz/", "GET, HEAD, OPTIONS"),
    ])
    func wrongMethod(method: HTTPRequest.Method, path: String, allow: String) async throws {
        let response = try await TestService().send(method, path)
        #expect(response.status == .methodNotAllowed)
        #expect(response.headers[.allow] == allow)
        if method != .head { try response.problem(.methodNotAllowed) }
    }

    @Test(arguments: [
        "/", "/v1", "/v1/admit/x", "/v1/users/\(Sample.user)", "/v1/users//window", "/favicon.ico", "/%00",
    ])
    func unknownPath(path: String) async throws {
        try await TestService().send(.get, path, headers: [:]).problem(.notFound)
    }

    @Test func optionsTellsWhatAPathAllows() async throws {
        let response = try await TestService().send(.options, "/v1/admit", headers: [:])
        #expect(response.status == .noContent)
        #expect(response.headers[.allow] == "POST, OPTIONS")
        try await TestService().send(.options, "/nothing", headers: [:]).problem(.notFound)
    }

    @Test(arguments: ["/healthz", "/metrics", "/v1/users/\(Sample.user)/window", "/nothing"])
    func headIsGetWithoutABody(path: String) async throws {
        let service = try TestService()
        let get = try await service.send(.get, path)
        let head = try await service.send(.head, path)
        #expect(head.status == get.status)
        #expect(head.body.readableBytes == 0)
        #expect(head.headers[.contentType] == get.headers[.contentType])
    }
}
