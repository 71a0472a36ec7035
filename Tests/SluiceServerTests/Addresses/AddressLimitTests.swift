import HTTPTypes
import HummingbirdSluice
import HummingbirdTesting
import PrometheusMetrics
import SluiceCore
import Synchronization
import Testing

@testable import SluiceServer

/// Row A10. Requests past the socket come from nowhere, which is one address as well.
@Suite struct AddressLimitTests {
    private static let window = Duration.seconds(360 * 86_400)
    private static let path = "/v1/users/\(Sample.user)/window"

    private func service(_ limit: Int, _ parts: ServiceParts = ServiceParts()) throws -> TestService {
        var parts = parts
        parts.authenticator = parts.authenticator ?? ScriptedAuthenticator()
        return try TestService(parts: parts) {
            $0.addressLimit = try AddressLimit(requests: limit, window: Self.window)
        }
    }

    @Test func whoAsksTooOftenIsToldWhen() async throws {
        let service = try service(2)
        for _ in 0..<2 { try await service.send(.get, Self.path, headers: [:]).problem(.unauthorized) }
        let response = try await service.send(as: "admin", .get, Self.path)
        let problem = try response.problem(.tooManyRequests, type: AdmitTests.quotaExceeded)
        #expect(problem["violated-policies"] as? [String] == ["per-address"])
        let wait = try #require(response.headers[.retryAfter].flatMap { Int64($0) })
        #expect((1...Int64(384 * 86_400)).contains(wait))
        #expect(response.headers[.rateLimitPolicy] == #""per-address";q=2;w=31104000"#)
        let metrics = try Exposition(service.registry.exposition())
        #expect(metrics.value("sluice_address_refusals_total") == 1)
    }

    @Test func pathsThatAreNotThereCountAsWell() async throws {
        let service = try service(1)
        try await service.send(.get, "/nothing", headers: [:]).problem(.notFound)
        try await service.send(.get, "/nothing", headers: [:])
            .problem(.tooManyRequests, type: AdmitTests.quotaExceeded)
    }

    @Test func whoWatchesOverTheProcessIsLetThrough() async throws {
        let service = try service(1)
        for _ in 0..<3 {
            for path in ["/healthz", "/readyz", "/metrics"] {
                #expect(try await service.send(.get, path, headers: [:]).status == .ok)
            }
        }
    }

    @Test func servicesAreExemptAndNobodyElse() async throws {
        var parts = ServiceParts()
        parts.isKnownService = { $0 == "service" }
        let service = try service(1, parts)
        _ = try await service.send(.get, "/nothing", headers: [:])
        for _ in 0..<3 {
            #expect(try await service.send(.get, Self.path).status == .ok)
            #expect(try await service.send(as: "service", .get, Self.path).status == .ok)
        }
        for credential in ["admin", "wrong", Sample.key + "x"] {
            #expect(try await service.send(as: credential, .get, Self.path).status == .tooManyRequests)
        }
    }

    @Test func sdksAreToldInTheirOwnWords() async throws {
        let service = try service(1)
        _ = try await service.send(.get, "/nothing", headers: [:])
        let openAI = try await service.send(as: "agent", .post, "/v1/chat/completions", "{}")
        let anthropic = try await service.send(as: "agent", .post, "/v1/messages", "{}")
        #expect(openAI.status == .tooManyRequests && openAI.text.hasPrefix(#"{"error":{"message":"#))
        #expect(anthropic.status == .tooManyRequests && anthropic.text.contains(#""type":"rate_limit_error""#))
    }

    /// Over a socket, whose other end is 127.0.0.1: what a client says of its address counts behind a proxy only.
    @Test(arguments: [([], HTTPResponse.Status.tooManyRequests), (["127.0.0.0/8", "::1"], .notFound)])
    func aSpoofedAddressChangesNothing(proxies: [String], last: HTTPResponse.Status) async throws {
        let service = try TestService(configure: {
            $0.addressLimit = try AddressLimit(requests: 2, window: Self.window)
            $0.trustedProxies = try TrustedProxies(proxies)
        })
        let statuses = try await service.application.test(.live) { client in
            var statuses: [HTTPResponse.Status] = []
            for number in 1...3 {
                let headers: HTTPFields = [.xForwardedFor: "192.0.2.66, 198.51.100.\(number)"]
                statuses.append(try await client.execute(uri: "/nothing", method: .get, headers: headers).status)
            }
            return statuses
        }
        #expect(statuses == [.notFound, .notFound, last])
    }

    @Test func aLimitCanBeLeftOut() async throws {
        let service = try service(0)
        for _ in 0..<300 { #expect(try await service.send(.get, "/nothing", headers: [:]).status == .notFound) }
    }

    /// The promise, by a clock that the test holds.
    @Test func whoWaitsAsLongAsToldIsLetThrough() throws {
        let now = Mutex(ContinuousClock.now)
        let clock: @Sendable () -> ContinuousClock.Instant = { now.withLock { $0 } }
        let limiter = try #require(
            AddressLimiter(try AddressLimit(requests: 3, window: .seconds(60)), now: clock))
        let address = ClientAddress("192.0.2.1")
        for step in 0..<100 {
            do throws(ServiceError) {
                try limiter.check(address)
                now.withLock { $0 += .milliseconds(700 + step) }
            } catch {
                guard case .tooManyRequests(_, let wait?) = error else { throw error }
                #expect(wait > .zero && wait <= .seconds(64))
                now.withLock { $0 += wait }
                try limiter.check(address)
            }
        }
    }

    @Test(arguments: [-1, 1_000_000_001]) func requestsHaveARange(requests: Int) {
        #expect(throws: ServiceConfigurationError.addressRequestsOutOfRange(requests)) {
            try AddressLimit(requests: requests, window: .seconds(1))
        }
    }

    @Test func theWindowHasARange() {
        for window in [Duration.zero, .nanoseconds(1), .seconds(367 * 86_400)] {
            #expect(throws: ServiceConfigurationError.addressWindowOutOfRange(window)) {
                try AddressLimit(requests: 1, window: window)
            }
        }
    }
}
