import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdSluice
import HummingbirdTesting
import SluiceCore
import Testing

@Suite struct RateLimitMiddlewareTests {
    private static let userHeader = HTTPField.Name("x-user")

    /// A service of somebody else's: the user is in a header, the handler says which call it is.
    private func send(
        _ limiter: any Limiter, user: String? = Sample.user,
        anonymous: RateLimitMiddleware<BasicRequestContext>.Anonymous = .unauthorized, weight: Int64? = nil,
        isRendering: Bool = false
    ) async throws -> TestResponse {
        let router = Router()
        let name = try #require(Self.userHeader)
        if isRendering { router.add(middleware: ProblemDetailsMiddleware()) }
        let middleware = RateLimitMiddleware<BasicRequestContext>(
            limiter: limiter, policy: try Sample.policy(), anonymous: anonymous,
            weight: { _, _ in weight ?? 1 },
            user: { request, _ in request.headers[name].flatMap { UserID($0) } })
        router.add(middleware: middleware)
        router.get("/ask") { _, _ in CurrentAdmission.value?.callID.description ?? "unmetered" }
        router.get("/fail") { _, _ -> String in throw HTTPError(.conflict, message: "no") }
        let headers: HTTPFields = user.map { [name: $0] } ?? [:]
        return try await Application(router: router).test(.router) { client in
            try await client.execute(uri: isRendering ? "/fail" : "/ask", method: .get, headers: headers)
        }
    }

    @Test func anAdmittedRequestReachesItsHandlerWithItsCall() async throws {
        let limiter = ScriptedLimiter()
        let response = try await send(limiter, weight: 4)
        #expect(response.status == .ok)
        let call = try #require(limiter.calls.first)
        #expect(response.text == call.id.description)
        #expect(call.id.bits.version == 7 && !call.isIDSupplied)
        #expect(call.user.description == Sample.user && call.weight == 4)
        #expect(response.headers[.rateLimit] == #""default";r=19;t=3600"#)
        #expect(response.headers[.rateLimitPolicy] == #""default";q=20;w=3600"#)
    }

    @Test func aRefusedRequestIsAnsweredAsTheServiceDoes() async throws {
        let limiter = ScriptedLimiter(admit: { .refused(Sample.refusal(under: $1, wait: .seconds(90))) })
        let response = try await send(limiter)
        let problem = try response.problem(.tooManyRequests, type: AdmitTests.quotaExceeded)
        #expect(problem["violated-policies"] as? [String] == ["default"])
        #expect(response.headers[.retryAfter] == "90")
        #expect(response.headers[.retryAfterMilliseconds] == "90000")
        #expect(response.headers[.shouldRetry] == "false")
        #expect(response.headers[.rateLimit] == #""default";r=0;t=90"#)
    }

    @Test func aRequestThatNeverFitsIsNotToldToWait() async throws {
        let limiter = ScriptedLimiter(admit: { .neverFits(Sample.neverFits($0, under: $1)) })
        let response = try await send(limiter, weight: 30)
        #expect(response.status == .tooManyRequests)
        #expect(response.headers[.retryAfter] == nil)
        #expect(response.headers[.shouldRetry] == "false")
    }

    @Test func anUncheckedRequestGoesThroughWithoutFields() async throws {
        let response = try await send(ScriptedLimiter(admit: { .admitted(Sample.unchecked($0, under: $1)) }))
        #expect(response.status == .ok)
        #expect(response.headers[.rateLimit] == nil)
    }

    @Test func withoutAUserItIsUnauthorizedUnlessSaidOtherwise() async throws {
        let limiter = ScriptedLimiter()
        #expect(try await send(limiter, user: nil).status == .unauthorized)
        let response = try await send(limiter, user: nil, anonymous: .unmetered)
        #expect(response.text == "unmetered")
        #expect(response.headers[.rateLimit] == nil)
        #expect(limiter.calls.isEmpty)
    }

    @Test func aWeightOutOfRangeIsABadRequest() async throws {
        try await send(ScriptedLimiter(), weight: -1).problem(.badRequest, field: "weight")
    }

    @Test func withoutADecisionItIsUnavailable() async throws {
        let limiter = ScriptedLimiter(admit: { (_, _) throws(LimiterError) in
            throw .unavailable(StoreError(.unavailable, ""), retryAfter: .seconds(2))
        })
        let response = try await send(limiter)
        #expect(response.status == .serviceUnavailable)
        #expect(response.headers[.retryAfter] == "2")
    }

    @Test func theOtherMiddlewareRendersEveryError() async throws {
        let problem = try await send(ScriptedLimiter(), isRendering: true).problem(.conflict)
        #expect(problem["detail"] as? String == "no")
    }
}
