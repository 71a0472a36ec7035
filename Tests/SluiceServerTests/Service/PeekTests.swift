import Foundation
import HTTPTypes
import HummingbirdSluice
import HummingbirdTesting
import SluiceCore
import Synchronization
import Testing

@testable import SluiceServer

@Suite struct PeekTests {
    private func response(
        wait: Duration? = .zero, _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil
    ) async throws -> [String: Any] {
        let limiter = ScriptedLimiter(peek: { user, _, policy in Sample.peek(user, under: policy, wait: wait) })
        let response = try await TestService(limiter: limiter).send(method, path, body)
        #expect(response.status == .ok)
        #expect(response.headers[.rateLimit] == #""default";r=15;t=3600"#)
        return try response.object()
    }

    @Test func bothWaysOfLookingSeeTheSame() async throws {
        let posted = try await response(.post, "/v1/peek", #"{"user":"\#(Sample.user)"}"#)
        let got = try await response(.get, "/v1/users/\(Sample.user)/window")
        #expect(posted as NSDictionary == got as NSDictionary)
        #expect(posted["user"] as? String == Sample.user)
        #expect(posted["at"] as? String == "2026-11-23T12:34:56.123456Z")
        #expect(posted["admissible"] as? Bool == true)
        #expect(posted["retry_after_ms"] as? Int == 0)
        let windows = posted["windows"] as? [NSDictionary]
        #expect(
            windows == [
                [
                    "name": "default", "limit": 20, "length_ms": 3_600_000, "used": 5, "remaining": 15,
                    "reset_after_ms": 3_600_000,
                ]
            ])
    }

    @Test func saysWhenACallWouldFit() async throws {
        let later = try await response(
            wait: .microseconds(1_500), .post, "/v1/peek", #"{"user":"\#(Sample.user)","weight":9}"#)
        #expect(later["admissible"] as? Bool == false)
        #expect(later["retry_after_ms"] as? Int == 2)
        #expect(later["weight"] as? Int == 9)
        let never = try await response(wait: nil, .post, "/v1/peek", #"{"user":"\#(Sample.user)","weight":99}"#)
        #expect(never["admissible"] as? Bool == false)
        #expect(never["never_fits"] as? Bool == true)
        #expect(never["retry_after_ms"] is NSNull)
    }

    @Test(arguments: [("weight", "-1"), ("call_id", "null"), ("route", "\"r\""), ("weight", "1000000001")])
    func takesUserAndWeightOnly(field: String, value: String) async throws {
        try await TestService().send(.post, "/v1/peek", #"{"user":"\#(Sample.user)","\#(field)":\#(value)}"#)
            .problem(.badRequest, field: field)
    }

    @Test func aUserThatIsNoUUIDIsNamed() async throws {
        try await TestService().send(.get, "/v1/users/me/window").problem(.badRequest, field: "user")
    }

    /// Looking never fails open.
    @Test func withoutTheDatabaseThereIsNothingToSee() async throws {
        let limiter = ScriptedLimiter(peek: { (_, _, _) throws(LimiterError) in
            throw .unavailable(StoreError(.unavailable, ""), retryAfter: .seconds(1))
        })
        let response = try await TestService(limiter: limiter).send(.get, "/v1/users/\(Sample.user)/window")
        #expect(response.status == .serviceUnavailable)
    }
}
