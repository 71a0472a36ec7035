import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import PrometheusMetrics
import SluiceCore
import Testing

@testable import SluiceServer

/// The whole service in front of a limiter that the test scripts.
struct TestService: Sendable {
    let registry = PrometheusRegistry(configuration: .sluice)
    let application: SluiceApplication

    init(
        limiter: any Limiter = ScriptedLimiter(), policy: Policy? = nil, keys: [String] = [Sample.key],
        probe: any ReadinessProbe = ScriptedProbe(Readiness(database: .reachable, schema: .right)),
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        onListening: @escaping @Sendable (Int?) async -> Void = { _ in },
        parts: ServiceParts = ServiceParts(),
        configure: (inout ServiceConfiguration) throws -> Void = { _ in }
    ) throws {
        var configuration = try ServiceConfiguration(port: 0, serviceKeys: keys, isDev: keys.isEmpty)
        try configure(&configuration)
        application = makeApplication(
            configuration: configuration, limiter: limiter, policy: try policy ?? Sample.policy(), readiness: probe,
            registry: registry, parts: parts, logger: logger, onListening: onListening)
    }

    /// As ``send(_:_:_:headers:)``, by somebody whom ``ScriptedAuthenticator`` knows.
    func send(
        as credential: String, _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil
    ) async throws -> TestResponse {
        try await send(method, path, body, headers: [.authorization: "Bearer \(credential)"])
    }

    /// Sends one request past the socket, with the key unless told otherwise.
    func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil,
        headers: HTTPFields = [.authorization: "Bearer \(Sample.key)", .contentType: "application/json"]
    ) async throws -> TestResponse {
        try await send(method, path, bytes: body.map { Array($0.utf8) }, headers: headers)
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, bytes: [UInt8]?,
        headers: HTTPFields = [.authorization: "Bearer \(Sample.key)", .contentType: "application/json"]
    ) async throws -> TestResponse {
        try await application.test(.router) { client in
            try await client.execute(
                uri: path, method: method, headers: headers, body: bytes.map { ByteBuffer(bytes: $0) })
        }
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    func object() throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(body.readableBytesView)) as? [String: Any])
    }

    /// What every problem has, checked; and the whole of it, for more.
    @discardableResult
    func problem(
        _ status: HTTPResponse.Status, type: String = "about:blank", field: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [String: Any] {
        let problem = try object()
        #expect(self.status == status, "\(text)", sourceLocation: sourceLocation)
        #expect(headers[.contentType] == "application/problem+json", sourceLocation: sourceLocation)
        #expect(headers[.cacheControl] == "no-store", sourceLocation: sourceLocation)
        #expect(problem["type"] as? String == type, sourceLocation: sourceLocation)
        #expect(problem["status"] as? Int == status.code, sourceLocation: sourceLocation)
        #expect((problem["title"] as? String)?.isEmpty == false, sourceLocation: sourceLocation)
        guard let field else { return problem }
        let errors = problem["errors"] as? [[String: String]]
        #expect(errors?.map { $0["field"] } == [field], "\(text)", sourceLocation: sourceLocation)
        #expect(errors?.first?["reason"]?.isEmpty == false, sourceLocation: sourceLocation)
        return problem
    }
}
