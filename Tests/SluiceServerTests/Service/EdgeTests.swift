import HTTPTypes
import Hummingbird
import HummingbirdSluice
import HummingbirdTesting
import Logging
import PrometheusMetrics
import SluiceCore
import Testing

@testable import SluiceServer

@Suite struct EdgeTests {
    @Test func aUsableRequestIDComesBack() async throws {
        let service = try TestService()
        let id = "trace-4711/a:b"
        let response = try await service.send(.get, "/healthz", headers: [.requestID: id])
        #expect(response.headers[.requestID] == id)
        for unusable in ["", "a b", "\"", String(repeating: "x", count: 129), "é"] {
            let response = try await service.send(.get, "/healthz", headers: [.requestID: unusable])
            #expect(response.headers[.requestID] != unusable)
            #expect(response.headers[.requestID]?.isEmpty == false)
        }
    }

    @Test func requestsAreLoggedAtDebugAndNeverWithTheirSecrets() async throws {
        let lines = LineRecorder.Lines()
        let service = try TestService(logger: LineRecorder.logger(lines))
        _ = try await service.send(.get, "/v1/users/\(Sample.user)/window?key=hunter2")
        _ = try await service.send(.get, "/hunter2", headers: [.authorization: "Bearer hunter2"])
        let all = lines.all
        #expect(all.contains { $0.contains("request answered") && $0.contains("/v1/users/{user}/window") })
        #expect(all.allSatisfy { !$0.contains("hunter2") && !$0.contains(Sample.key) && !$0.contains(Sample.user) })
        #expect(all.allSatisfy { $0.hasPrefix("debug") || $0.hasPrefix("trace") })
    }

    @Test func requestsAndHitsAreCounted() async throws {
        let limiter = ScriptedLimiter(admit: { call, policy in
            switch call.weight {
            case 3: .refused(Sample.refusal(under: policy, wait: .seconds(1)))
            case 4: .admitted(Sample.admission(of: call, under: policy, isReplay: true))
            default: .admitted(Sample.admission(of: call, under: policy, used: 17))
            }
        })
        let service = try TestService(limiter: limiter)
        for weight in [2, 3, 4, 0] {
            _ = try await service.send(.post, "/v1/admit", #"{"user":"\#(Sample.user)","weight":\#(weight)}"#)
        }
        _ = try await service.send(try #require(HTTPRequest.Method("BREW")), "/v1/admit")
        let response = try await service.send(.get, "/metrics", headers: [:])
        #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        let metrics = try Exposition(response.text)
        func value(_ name: String, _ labels: [String: String]) -> Double? { metrics.value(name, labels) }
        #expect(value("sluice_http_requests_total", ["method": "POST", "route": "/v1/admit", "status": "200"]) == 3)
        #expect(value("sluice_http_requests_total", ["method": "POST", "route": "/v1/admit", "status": "429"]) == 1)
        #expect(value("sluice_http_requests_total", ["method": "other", "route": "none", "status": "405"]) == 1)
        #expect(value("sluice_http_request_duration_seconds_count", ["route": "/v1/admit"]) == 4)
        let policy = ["domain": "sluice", "key1": "default"]
        #expect(value("ratelimit_service_rate_limit_total_hits", policy) == 5)
        #expect(value("ratelimit_service_rate_limit_within_limit", policy) == 2)
        #expect(value("ratelimit_service_rate_limit_near_limit", policy) == 1)
        #expect(value("ratelimit_service_rate_limit_over_limit", policy) == 3)
    }
}
