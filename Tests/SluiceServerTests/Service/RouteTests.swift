import HTTPTypes
import Hummingbird
import HummingbirdSluice
import HummingbirdTesting
import PrometheusMetrics
import SluiceCore
import Testing

@testable import SluiceServer

@Suite struct RouteTests {
    /// The routes that are open, by name. A route that is neither here nor asks who is there fails the test below.
    private static let open: Set<String> = ["GET /healthz", "GET /readyz", "GET /metrics", "GET /openapi.json"]
    /// Who may use the others.
    private static let roles: [String: Set<Role>] = [
        "POST /v1/admit": [.service, .admin], "POST /v1/settle": [.service, .admin],
        "POST /v1/peek": [.service, .admin, .operator, .readonly],
        "GET /v1/users/{user}/window": [.service, .admin, .operator, .readonly],
        "GET /v1/keys": [.admin], "POST /v1/keys": [.admin], "DELETE /v1/keys/{key}": [.admin],
        "POST /api/ai/triage": [.admin, .operator],
        "POST /v1/chat/completions": [.admin, .operator, .agent, .service],
        "POST /v1/responses": [.admin, .operator, .agent, .service],
        "POST /v1/embeddings": [.admin, .operator, .agent, .service],
        "POST /v1/messages": [.admin, .operator, .agent, .service],
        "GET /v1/models": Set(Role.allCases), "GET /v1/models/{model}": Set(Role.allCases),
    ]
    /// The routes that reach a model.
    private static let metered: Set<ServiceRoute> = [.triage, .chatCompletions, .responses, .embeddings, .messages]

    private static let other = "5a1c3e5f-0000-4000-8000-000000000001"

    private func service(
        _ limiter: ScriptedLimiter = ScriptedLimiter(), gateway: ScriptedGateway? = nil
    ) throws -> TestService {
        var parts = ServiceParts()
        parts.authenticator = ScriptedAuthenticator()
        parts.gateway = gateway
        parts.openAPI = "{}"
        return try TestService(limiter: limiter, parts: parts, configure: { $0.addressLimit = .off })
    }

    @Test func everyRouteIsOpenByNameOrAsksWhoIsThere() async throws {
        let registry = PrometheusRegistry()
        var parts = ServiceParts()
        parts.openAPI = "{}"
        let router = ServiceRouter(
            configuration: try ServiceConfiguration(serviceKeys: [Sample.key]), limiter: ScriptedLimiter(),
            policy: try Sample.policy(),
            gate: ReadinessGate(probe: ScriptedProbe(Readiness(database: .reachable, schema: .right))),
            registry: registry, parts: parts
        ).build()
        let routes = router.routes.map { (method: $0.method, path: "\($0.path)") }
        let names = routes.map { "\($0.method.rawValue) \($0.path)" }
        #expect(Set(names) == Self.open.union(Self.roles.keys))
        #expect(routes.count == ServiceRoute.allCases.count)
        try await Application(router: router).test(.router) { client in
            for (route, name) in zip(routes, names) {
                #expect(ServiceRoute.find(route.path, route.method) != nil, "\(name)")
                let response = try await client.execute(uri: route.path, method: route.method)
                #expect(response.status == (Self.open.contains(name) ? .ok : .unauthorized), "\(name)")
            }
        }
    }

    /// What somebody adds to the router and not to the list of routes is there for nobody.
    @Test func aRouteThatNobodyThoughtAboutIsClosed() async throws {
        let router = ServiceRouter(
            configuration: try ServiceConfiguration(serviceKeys: [Sample.key]), limiter: ScriptedLimiter(),
            policy: try Sample.policy(),
            gate: ReadinessGate(probe: ScriptedProbe(Readiness(database: .reachable, schema: .right))),
            registry: PrometheusRegistry(), parts: ServiceParts()
        ).build()
        router.get("/v1/secrets") { _, _ in "secret" }
        try await Application(router: router).test(.router) { client in
            let response = try await client.execute(
                uri: "/v1/secrets", method: .get, headers: [.authorization: "Bearer \(Sample.key)"])
            try response.problem(.notFound)
        }
    }

    @Test(arguments: Role.allCases) func everyRoleGetsWhatIsItsOwn(role: Role) async throws {
        let service = try service(gateway: ScriptedGateway())
        for route in ServiceRoute.allCases where route.access != .open {
            let name = "\(route.method.rawValue) \(route.path)"
            let body = route.method == .post ? #"{"user":"\#(Self.other)"}"# : nil
            let path = route.path.replacing("{user}", with: Self.other)
            let response = try await service.send(as: role.rawValue, route.method, path, body)
            let isAllowed = try #require(Self.roles[name]).contains(role)
            #expect((response.status == .forbidden) == !isAllowed, "\(role) \(name)")
            #expect(response.status != .unauthorized)
            if !isAllowed { #expect(response.text.contains("role \(role.rawValue)")) }
        }
    }

    @Test func theWrongRoleIsToldWhichIsRight() async throws {
        let response = try await service().send(as: "readonly", .post, "/api/ai/triage", "{}")
        let problem = try response.problem(.forbidden)
        #expect(problem["detail"] as? String == "your role readonly does not permit this: it is for admin, operator")
    }

    @Test func everyoneMaySeeTheirOwnWindow() async throws {
        let service = try service()
        for role in Role.allCases {
            let path = "/v1/users/\(Sample.user)/window"
            #expect(try await service.send(as: role.rawValue, .get, path).status == .ok)
            #expect(
                try await service.send(as: role.rawValue, .post, "/v1/peek", #"{"user":"\#(Sample.user)"}"#).status
                    == .ok)
        }
    }

    /// Every way to a model goes through the gate, before anything else.
    @Test func whatReachesAModelIsMetered() async throws {
        #expect(Set(ServiceRoute.allCases.filter { $0.meter == .call }) == Self.metered)
        #expect(Self.metered.isSubset(of: ServiceRoute.gateway))
        for route in Self.metered {
            let gateway = ScriptedGateway()
            let refusing = ScriptedLimiter(admit: { .refused(Sample.refusal(under: $1, wait: .seconds(41))) })
            let refused = try await service(refusing, gateway: gateway).send(as: "operator", .post, route.path, "{}")
            #expect(refused.status == .tooManyRequests && refused.headers[.retryAfter] == "41")
            #expect(gateway.calls.isEmpty)
            let limiter = ScriptedLimiter()
            let admitted = try await service(limiter, gateway: gateway).send(as: "operator", .post, route.path, "{}")
            #expect(admitted.status == .ok)
            #expect(gateway.calls == limiter.calls && gateway.calls.count == 1)
            let call = try #require(gateway.calls.first)
            #expect(call.user.description == Sample.user && call.route == route.path && call.model == "m")
            #expect(call.origin?.attempt == 2 && call.weight == 1)
        }
    }

    @Test func theKeyGoesIntoTheLedger() async throws {
        let key = KeyID(bits: UUIDBits(high: 1, low: 2))
        let limiter = ScriptedLimiter()
        var parts = ServiceParts()
        parts.gateway = ScriptedGateway()
        parts.authenticator = ScriptedAuthenticator(others: [
            "k": .known(Principal(user: UserID(Sample.user), role: .agent, credential: .key(key)))
        ])
        _ = try await TestService(limiter: limiter, parts: parts).send(as: "k", .post, "/v1/chat/completions", "{}")
        #expect(limiter.calls.first?.origin?.key == key)
    }

    /// There is no window for the call to count in.
    @Test func whoIsNoUserReachesNoModel() async throws {
        let limiter = ScriptedLimiter()
        let gateway = ScriptedGateway()
        let service = try service(limiter, gateway: gateway)
        for route in Self.metered {
            let response = try await service.send(as: "admin:none", .post, route.path, "{}")
            #expect(response.status == .forbidden && response.text.contains("belongs to no user"))
        }
        let serviceKey = try await service.send(.post, "/v1/messages", "{}")
        #expect(serviceKey.status == .forbidden)
        #expect(limiter.calls.isEmpty && gateway.calls.isEmpty)
        #expect(try await service.send(.get, "/v1/models").status == .ok)
    }

    @Test func withoutAnUpstreamTheSettingIsNamed() async throws {
        let service = try service()
        for route in ServiceRoute.gateway {
            let response = try await service.send(as: "admin", route.method, route.path, "{}")
            #expect(response.status == .serviceUnavailable && response.text.contains("SLUICE_OPENAI_BASE_URL"))
            #expect(response.headers[.shouldRetry] == "false")
        }
    }
}
