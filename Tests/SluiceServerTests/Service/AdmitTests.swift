import Foundation
import HTTPTypes
import HummingbirdSluice
import HummingbirdTesting
import SluiceCore
import Testing

@testable import SluiceServer

@Suite struct AdmitTests {
    static let quotaExceeded = "https://iana.org/assignments/http-problem-types#quota-exceeded"

    private func body(_ more: String = "") -> String { #"{"user":"\#(Sample.user)"\#(more)}"# }

    @Test func anAdmittedCallIsAnsweredToTheLetter() async throws {
        let limiter = ScriptedLimiter()
        let response = try await TestService(limiter: limiter)
            .send(.post, "/v1/admit", body(#","call_id":"\#(Sample.callID)","weight":1,"route":"/r","model":"m""#))
        #expect(response.status == .ok)
        #expect(
            response.text
                == #"{"admitted":true,"call_id":"\#(Sample.callID)","admitted_at":"2026-11-23T12:34:56.123456Z","#
                + #""mode":"enforced","policy":"default","limit":20,"remaining":19,"reset_after_ms":3600000}"#)
        #expect(response.headers[.contentType] == "application/json")
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(response.headers[.rateLimit] == #""default";r=19;t=3600"#)
        #expect(response.headers[.rateLimitPolicy] == #""default";q=20;w=3600"#)
        #expect(response.headers[.retryAfter] == nil)
        let call = try #require(limiter.calls.first)
        #expect(call.isIDSupplied && call.route == "/r" && call.model == "m")
    }

    @Test func anUncheckedCallSaysThatItsWindowIsNotKnown() async throws {
        let limiter = ScriptedLimiter(admit: { .admitted(Sample.unchecked($0, under: $1)) })
        let response = try await TestService(limiter: limiter).send(.post, "/v1/admit", body())
        let object = try response.object()
        #expect(response.status == .ok)
        #expect(object["mode"] as? String == "unchecked")
        #expect(object["limit"] as? Int == 20)
        #expect(object["remaining"] is NSNull && object["reset_after_ms"] is NSNull)
        #expect(response.headers[.rateLimit] == nil && response.headers[.rateLimitPolicy] == nil)
    }

    @Test func theResetIsRoundedUpAndNeverNegative() async throws {
        for (reset, expected) in [(Duration.microseconds(1_001), 2), (.zero, 0), (.seconds(-1), 0)] {
            let limiter = ScriptedLimiter(admit: { call, policy in
                .admitted(
                    Admission(
                        callID: call.id, admittedAt: Sample.now, mode: .enforced, policy: policy,
                        windows: Sample.states(policy, used: 1, reset: reset)))
            })
            let object = try await TestService(limiter: limiter).send(.post, "/v1/admit", body()).object()
            #expect(object["reset_after_ms"] as? Int == expected)
        }
    }

    @Test func aRefusedCallIsToldWhen() async throws {
        let limiter = ScriptedLimiter(admit: { .refused(Sample.refusal(under: $1, wait: .microseconds(41_000_001))) })
        let response = try await TestService(limiter: limiter).send(.post, "/v1/admit", body())
        let problem = try response.problem(.tooManyRequests, type: Self.quotaExceeded)
        #expect(response.headers[.retryAfter] == "42")
        #expect(response.headers[.retryAfterMilliseconds] == "41001")
        #expect(response.headers[.shouldRetry] == "true")
        #expect(
            try FieldList(#require(response.headers[.rateLimit])).items == [
                .init(name: "default", parameters: ["r": 0, "t": 42])
            ])
        #expect(response.headers[.rateLimitPolicy] == #""default";q=20;w=3600"#)
        #expect(problem["violated-policies"] as? [String] == ["default"])
        #expect(problem["admitted"] as? Bool == false)
        #expect(problem["policy"] as? String == "default")
        #expect(problem["limit"] as? Int == 20)
        #expect(problem["remaining"] as? Int == 0)
        #expect(problem["retry_after_ms"] as? Int == 41_001)
        #expect(problem["never_fits"] == nil)
        #expect((problem["detail"] as? String)?.contains("call again in 42 s") == true)
    }

    /// What clients count on is in the answer even if nothing is known of the windows.
    @Test func aRefusalThatKnowsNoWindowsStillSaysTheLimit() async throws {
        let limiter = ScriptedLimiter(admit: { _, policy in
            .refused(
                Refusal(
                    decidedAt: Sample.now, retryAt: Sample.now.advanced(by: .seconds(1)), policy: policy, windows: [],
                    isLocal: true))
        })
        let response = try await TestService(limiter: limiter).send(.post, "/v1/admit", body())
        let problem = try response.problem(.tooManyRequests, type: Self.quotaExceeded)
        #expect(problem["limit"] as? Int == 20 && problem["remaining"] as? Int == 0)
        #expect(response.headers[.rateLimit] == nil && response.headers[.retryAfter] == "1")
    }

    @Test func aLongWaitIsNotForSDKsToWaitOut() async throws {
        let limiter = ScriptedLimiter(admit: { .refused(Sample.refusal(under: $1, wait: .seconds(61))) })
        let response = try await TestService(limiter: limiter).send(.post, "/v1/admit", body())
        #expect(response.headers[.shouldRetry] == "false")
        #expect(response.headers[.retryAfter] == "61")
    }

    @Test func aCallThatNeverFitsIsNotToldToWait() async throws {
        let limiter = ScriptedLimiter(admit: { .neverFits(Sample.neverFits($0, under: $1)) })
        let response = try await TestService(limiter: limiter).send(.post, "/v1/admit", body(#","weight":21"#))
        let problem = try response.problem(.tooManyRequests, type: Self.quotaExceeded)
        #expect(response.headers[.retryAfter] == nil && response.headers[.retryAfterMilliseconds] == nil)
        #expect(response.headers[.shouldRetry] == "false")
        #expect(problem["never_fits"] as? Bool == true)
        #expect(problem["weight"] as? Int == 21)
        #expect(problem["retry_after_ms"] is NSNull)
        #expect((problem["detail"] as? String)?.contains("weight 21") == true)
    }

    @Test(arguments: [Duration.milliseconds(1_500), nil])
    func withoutADecisionTheServiceIsUnavailable(retryAfter: Duration?) async throws {
        let limiter = ScriptedLimiter(admit: { (_, _) throws(LimiterError) in
            throw .unavailable(StoreError(.unavailable, "no route to 10.0.0.7"), retryAfter: retryAfter)
        })
        let response = try await TestService(limiter: limiter).send(.post, "/v1/admit", body())
        try response.problem(
            .serviceUnavailable, type: "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity")
        #expect(response.headers[.retryAfter] == retryAfter.map { _ in "2" })
        #expect(!response.text.contains("10.0.0.7"))
    }
}
