import Benchmark
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import PrometheusMetrics
import SluiceCore
import SluiceServer

/// Requests that go through the whole service, past the socket.
func measureHTTP() {
    // What the test client and the frame of the service take by themselves.
    measureRequest("GET /healthz", .get, "/healthz", isAdmitting: true, expecting: .ok)
    measureRequest("POST /v1/admit, admitted", .post, "/v1/admit", isAdmitting: true, expecting: .ok)
    measureRequest("POST /v1/admit, refused", .post, "/v1/admit", isAdmitting: false, expecting: .tooManyRequests)
}

private func measureRequest(
    _ name: String, _ method: HTTPRequest.Method, _ path: String, isAdmitting: Bool,
    expecting status: HTTPResponse.Status
) {
    let key = "bench-key-0123456789abcdef0123456789abcdef"
    let body = """
        {"user":"\(Sample.userText)","weight":1,"route":"/v1/chat/completions","model":"gpt-4o-mini"}
        """
    let headers: HTTPFields = [.authorization: "Bearer \(key)", .contentType: "application/json"]
    measure("HTTP: \(name)", calls: 200, { try service(isAdmitting: isAdmitting, key: key) }) { service, calls in
        try await service.test(.router) { client in
            for _ in 0..<calls {
                let response = try await client.execute(
                    uri: path, method: method, headers: headers,
                    body: method == .post ? ByteBuffer(string: body) : nil)
                guard response.status == status else { throw Misled("\(name) answered \(response.status)") }
            }
        }
    }
}

private func service(isAdmitting: Bool, key: String) throws -> SluiceApplication {
    let policy = try Sample.policy()
    return makeApplication(
        configuration: try ServiceConfiguration(port: 0, serviceKeys: [key]),
        limiter: InstantLimiter(verdict: Verdict(isAdmitted: isAdmitting, under: policy)), policy: policy,
        readiness: AlwaysReady(), registry: PrometheusRegistry(),
        logger: Logger(label: "micro") { _ in SwiftLogNoOpLogHandler() })
}

private struct AlwaysReady: ReadinessProbe {
    func check() async -> Readiness { Readiness(database: .reachable, schema: .right) }
}
