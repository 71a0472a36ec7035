import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import SluiceCore
import Testing

@testable import HummingbirdSluice
@testable import SluiceServer

@Suite struct ErrorShapeTests {
    private func service(_ wait: Duration = .seconds(30)) throws -> TestService {
        var parts = ServiceParts()
        parts.authenticator = ScriptedAuthenticator()
        parts.gateway = ScriptedGateway()
        let limiter = ScriptedLimiter(admit: { .refused(Sample.refusal(under: $1, wait: wait)) })
        return try TestService(limiter: limiter, parts: parts, configure: { $0.modelBodyLimit = 100 })
    }

    private static let large = #"{"model":""# + String(repeating: "m", count: 100) + #""}"#

    @Test(arguments: [
        (HTTPRequest.Method.post, "/v1/chat/completions", "agent", "{}", 429, "rate_limit_exceeded", "requests"),
        (.post, "/v1/chat/completions", "nobody", "{}", 401, "invalid_api_key", "invalid_request_error"),
        (.post, "/v1/responses", "readonly", "{}", 403, "insufficient_permissions", "invalid_request_error"),
        (.post, "/v1/responses/x", "agent", "{}", 404, "unknown_url", "invalid_request_error"),
        (.get, "/v1/embeddings", "agent", "{}", 405, "method_not_supported", "invalid_request_error"),
        (.post, "/v1/embeddings", "agent", Self.large, 413, "request_too_large", "invalid_request_error"),
    ])
    func openAI(
        method: HTTPRequest.Method, path: String, credential: String, body: String, status: Int, code: String,
        type: String
    ) async throws {
        let response = try await service().send(as: credential, method, path, body)
        let error = try #require(response.object()["error"] as? [String: Any])
        #expect(response.status.code == status)
        #expect(response.headers[.contentType] == "application/json")
        #expect(error["code"] as? String == code && error["type"] as? String == type)
        #expect((error["message"] as? String)?.isEmpty == false)
        #expect(Set(error.keys) == ["message", "type", "param", "code"])
    }

    @Test(arguments: [
        (HTTPRequest.Method.post, "/v1/messages", "agent", "{}", 429, "rate_limit_error"),
        (.post, "/v1/messages", "nobody", "{}", 401, "authentication_error"),
        (.post, "/v1/messages", "readonly", "{}", 403, "permission_error"),
        (.post, "/v1/messages/count_tokens", "agent", "{}", 404, "not_found_error"),
        (.get, "/v1/messages", "agent", "{}", 405, "invalid_request_error"),
        (.post, "/v1/messages", "agent", Self.large, 413, "request_too_large"),
    ])
    func anthropic(
        method: HTTPRequest.Method, path: String, credential: String, body: String, status: Int, type: String
    ) async throws {
        let response = try await service().send(as: credential, method, path, body)
        let object = try response.object()
        let error = try #require(object["error"] as? [String: Any])
        #expect(response.status.code == status)
        #expect(object["type"] as? String == "error" && error["type"] as? String == type)
        #expect((error["message"] as? String)?.isEmpty == false)
        let id = response.headers[.requestID]
        #expect(response.headers[.anthropicRequestID] == id && object["request_id"] as? String == id)
    }

    @Test func whoAsksForModelsIsKnownByTheirVersion() async throws {
        let headers: HTTPFields = [.anthropicKey: "nobody", .anthropicVersion: "2023-06-01"]
        let anthropic = try await service().send(.get, "/v1/models", headers: headers)
        #expect(try anthropic.object()["type"] as? String == "error")
        let openAI = try await service().send(as: "nobody", .get, "/v1/models")
        #expect(try openAI.object()["type"] == nil)
    }

    @Test(arguments: [(Duration.seconds(60), "true"), (.milliseconds(60_001), "false")])
    func sdksRetryByThemselvesUpToAMinute(wait: Duration, expected: String) async throws {
        for path in ["/v1/chat/completions", "/v1/messages"] {
            let response = try await service(wait).send(as: "agent", .post, path, "{}")
            #expect(response.headers[.shouldRetry] == expected)
            #expect(response.headers[.retryAfterMilliseconds] == "\(wait.millisecondsRoundedUp)")
        }
    }

    @Test func whatIsLeftIsToldInTheWordsOfThePath() async throws {
        let openAI = try await service(.seconds(90)).send(as: "agent", .post, "/v1/chat/completions", "{}").headers
        #expect(openAI[.openAILimit] == "20" && openAI[.openAIRemaining] == "0" && openAI[.openAIReset] == "1m30s")
        #expect(openAI[.anthropicLimit] == nil && openAI[.rateLimit] == #""default";r=0;t=90"#)
        let anthropic = try await service(.seconds(90)).send(as: "agent", .post, "/v1/messages", "{}").headers
        #expect(anthropic[.anthropicLimit] == "20" && anthropic[.anthropicRemaining] == "0")
        #expect(anthropic[.anthropicReset] == "2026-11-23T12:36:26.123456Z" && anthropic[.openAILimit] == nil)
    }

    @Test func theFieldIsNamedToOpenAIsSDKs() throws {
        let error = ServiceError.invalid(FieldError(field: "model", reason: "is missing"))
        #expect(
            text(error, .openAI)
                == #"{"error":{"message":"model: is missing","type":"invalid_request_error","param":"model","code":null},"#
                + #""errors":[{"field":"model","reason":"is missing"}]}"#)
        #expect(text(.unknownModel("x"), .openAI).contains(#""code":"model_not_found""#))
        #expect(text(.failed, .openAI).contains(#""type":"server_error","param":null,"code":null"#))
    }

    @Test(arguments: [
        (ServiceError.failed, "api_error"), (.status(.badGateway, detail: nil), "api_error"),
        (.status(.gatewayTimeout, detail: nil), "timeout_error"), (.unavailable(retryAfter: nil), "overloaded_error"),
        (.unknownModel("x"), "not_found_error"), (.requestTimeout, "invalid_request_error"),
    ])
    func anthropicTypes(error: ServiceError, type: String) {
        #expect(text(error, .anthropic).contains("\"error\":{\"type\":\"\(type)\""))
    }

    private func text(_ error: ServiceError, _ shape: ErrorShape) -> String {
        var json = JSONWriter()
        json.object { json in
            if shape == .openAI {
                error.writeOpenAI(to: &json)
            } else {
                error.writeAnthropic(to: &json, requestID: "r")
            }
            error.writeMembers(to: &json)
        }
        return String(buffer: json.buffer)
    }
}
