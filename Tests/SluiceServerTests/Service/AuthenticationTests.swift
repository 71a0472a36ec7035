import HTTPTypes
import Hummingbird
import HummingbirdSluice
import HummingbirdTesting
import PrometheusMetrics
import SluiceCore
import Testing

@testable import SluiceServer

@Suite struct AuthenticationTests {
    /// The routes that are open, by name. A route that is neither here nor asks for a key fails the test below.
    private static let open: Set<String> = ["GET /healthz", "GET /readyz", "GET /metrics"]

    @Test func everyRouteIsOpenByNameOrAsksForAKey() async throws {
        let gate = ReadinessGate(probe: ScriptedProbe(Readiness(database: .reachable, schema: .right)))
        let registry = PrometheusRegistry()
        let router = ServiceRouter(
            decisions: DecisionController(
                limiter: ScriptedLimiter(), policy: try Sample.policy(),
                body: BodyReader(limit: 100, timeout: .seconds(1))),
            operations: OperationsController(gate: gate, registry: registry),
            keys: try ServiceKeys([Sample.key]), metrics: HTTPMetrics(factory: registry)
        ).build()
        let routes = router.routes.map { (method: $0.method, path: "\($0.path)") }
        #expect(routes.count == ServiceRoute.allCases.count)
        try await Application(router: router).test(.router) { client in
            for route in routes {
                let response = try await client.execute(uri: route.path, method: route.method)
                let name = "\(route.method.rawValue) \(route.path)"
                #expect(response.status == (Self.open.contains(name) ? .ok : .unauthorized), "\(name)")
            }
        }
    }

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
