import HTTPTypes
import HummingbirdSluice
import HummingbirdTesting
import SluiceCore
import Testing

@testable import SluiceServer

@Suite struct AuthenticationTests {
    @Test(arguments: [
        nil, "", "Bearer", "Bearer ", "Basic \(Sample.key)", Sample.key, "Bearer\(Sample.key)", "Bearer wrong",
        "Bearer \(Sample.key)x", "Bearer \(Sample.key.dropLast())", "Bearer \(Sample.key),x", "Bearer x \(Sample.key)",
        "Bearer \(Sample.key.uppercased())",
    ])
    func withoutTheKeyNobodyGetsIn(header: String?) async throws {
        let limiter = ScriptedLimiter()
        var headers = HTTPFields()
        headers[.authorization] = header
        let response = try await TestService(limiter: limiter)
            .send(.post, "/v1/admit", #"{"user":"\#(Sample.user)"}"#, headers: headers)
        try response.problem(.unauthorized)
        #expect(response.headers[.wwwAuthenticate]?.hasPrefix(#"Bearer realm="sluice""#) == true)
        #expect(limiter.calls.isEmpty)
    }

    @Test(arguments: ["Bearer", "bearer", "BEARER", "Bearer "])
    func eachKeyLetsIn(scheme: String) async throws {
        let keys = [String(repeating: "a", count: 32), Sample.key, String(repeating: "b", count: 32)]
        for key in keys {
            let response = try await TestService(keys: keys).send(
                .post, "/v1/admit", #"{"user":"\#(Sample.user)"}"#, headers: [.authorization: "\(scheme) \(key)"])
            #expect(response.status == .ok)
        }
    }

    @Test func anUnknownKeyIsToldApartFromNone() async throws {
        let unknown = try await TestService().send(.post, "/v1/admit", headers: [.authorization: "Bearer nope"])
        #expect(unknown.headers[.wwwAuthenticate] == #"Bearer realm="sluice", error="invalid_token""#)
        let none = try await TestService().send(.post, "/v1/admit", headers: [:])
        #expect(none.headers[.wwwAuthenticate] == #"Bearer realm="sluice""#)
    }

    @Test func withoutKeysEveryoneGetsIn() async throws {
        let response = try await TestService(keys: [])
            .send(.post, "/v1/admit", #"{"user":"\#(Sample.user)"}"#, headers: [:])
        #expect(response.status == .ok)
    }

    @Test func aCredentialThatIsPresentedCountsAlsoWhereNoneIsNeeded() async throws {
        var parts = ServiceParts()
        parts.authenticator = ScriptedAuthenticator()
        let service = try TestService(keys: [], parts: parts)
        let body = #"{"user":"\#(Sample.user)"}"#
        #expect(try await service.send(as: "nobody", .post, "/v1/admit", body).status == .unauthorized)
        #expect(try await service.send(as: "readonly", .post, "/v1/admit", body).status == .forbidden)
        #expect(try await service.send(as: "service", .post, "/v1/admit", body).status == .ok)
    }

    @Test(arguments: [HTTPField.Name.anthropicKey, .azureKey])
    func theHeadersOfTheSDKsCount(name: HTTPField.Name) async throws {
        let service = try TestService()
        let path = "/v1/users/\(Sample.user)/window"
        #expect(try await service.send(.get, path, headers: [name: Sample.key]).status == .ok)
        #expect(
            try await service.send(
                .get, path, headers: [name: Sample.key, .authorization: "Bearer \(Sample.key)"]
            ).status == .ok)
        try await service.send(.get, path, headers: [name: ""]).problem(.unauthorized)
        try await service.send(.get, path, headers: [name: "wrong"]).problem(.unauthorized)
    }

    /// Which of several credentials counts is not guessed.
    @Test func credentialsThatDifferAreRefused() async throws {
        let service = try TestService()
        var twice = HTTPFields()
        twice.append(HTTPField(name: .authorization, value: "Bearer \(Sample.key)"))
        twice.append(HTTPField(name: .authorization, value: "Bearer \(Sample.key)"))
        let requests: [HTTPFields] = [
            twice, [.authorization: "Bearer \(Sample.key)", .anthropicKey: "other"],
            [.azureKey: "other", .anthropicKey: Sample.key], [.authorization: "Basic eDp5", .anthropicKey: Sample.key],
        ]
        for headers in requests {
            let response = try await service.send(.get, "/v1/users/\(Sample.user)/window", headers: headers)
            try response.problem(.badRequest)
            #expect(response.headers[.wwwAuthenticate] == #"Bearer realm="sluice", error="invalid_request""#)
        }
    }

    /// Invariant 7, for identity that cannot be looked up.
    @Test(arguments: [Duration.seconds(3), nil])
    func whoCannotBeToldIsNotLetIn(retryAfter: Duration?) async throws {
        let limiter = ScriptedLimiter()
        var parts = ServiceParts()
        parts.authenticator = ScriptedAuthenticator(others: ["someone": .unavailable(retryAfter: retryAfter)])
        let service = try TestService(limiter: limiter, parts: parts)
        let response = try await service.send(as: "someone", .post, "/v1/admit", #"{"user":"\#(Sample.user)"}"#)
        try response.problem(
            .serviceUnavailable, type: "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity")
        #expect(response.headers[.retryAfter] == retryAfter.map { _ in "3" })
        #expect(limiter.calls.isEmpty)
    }

    @Test(arguments: Authentication.Rejection.allCases)
    func everyRejectionIsUnauthorized(rejection: Authentication.Rejection) async throws {
        var parts = ServiceParts()
        parts.authenticator = ScriptedAuthenticator(others: ["x": .rejected(rejection)])
        let response = try await TestService(parts: parts).send(as: "x", .get, "/v1/users/\(Sample.user)/window")
        try response.problem(.unauthorized)
        #expect(response.headers[.wwwAuthenticate] == #"Bearer realm="sluice", error="invalid_token""#)
    }

    /// Invariant 7: the limiter's state has no say in who gets in.
    @Test func anOutageOpensNoDoor() async throws {
        let limiter = ScriptedLimiter(admit: { .admitted(Sample.unchecked($0, under: $1)) })
        let response = try await TestService(
            limiter: limiter, probe: ScriptedProbe(Readiness(database: .unreachable(reason: "down"), schema: .unknown))
        ).send(.post, "/v1/admit", #"{"user":"\#(Sample.user)"}"#, headers: [.authorization: "Bearer nope"])
        #expect(response.status == .unauthorized)
        #expect(limiter.calls.isEmpty)
    }

    @Test(
        arguments: [
            ([], false, ServiceConfigurationError.noServiceKey),
            (["short"], true, .keyTooShort(position: 1, length: 5)),
            ([Sample.key, Sample.key], false, .keyTwice(position: 2)),
            ([Sample.key, Sample.key + "é"], false, .keyNotASCII(position: 2)),
            ([Sample.key + " "], false, .keyNotASCII(position: 1)),
        ] as [([String], Bool, ServiceConfigurationError)])
    func wrongKeysStopTheStart(keys: [String], isDev: Bool, expected: ServiceConfigurationError) {
        let error = #expect(throws: ServiceConfigurationError.self) {
            try ServiceConfiguration(serviceKeys: keys, isDev: isDev)
        }
        #expect(error == expected)
        #expect(!keys.contains { expected.description.contains($0) })
    }

    @Test func aPortIsAPort() {
        #expect(throws: ServiceConfigurationError.portOutOfRange(65_536)) {
            try ServiceConfiguration(port: 65_536, serviceKeys: [Sample.key])
        }
    }
}
