import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdSluice
import PrometheusMetrics

/// Answers what those ask who run the service: orchestrators, load balancers, Prometheus.
struct OperationsController: Sendable {
    let gate: ReadinessGate
    let registry: PrometheusRegistry
    let openAPI: String?

    /// `GET /healthz`: the process is alive. The database is none of its business, or an outage would restart every replica.
    func health() -> Response {
        .json { $0.member("status", "alive") }
    }

    /// `GET /readyz`
    func readiness() async -> Response {
        let verdict = await gate.check()
        return .json(verdict.isReady ? .ok : .serviceUnavailable) { json in
            json.member("ready", verdict.isReady)
            json.member("database", verdict.readiness.database.word)
            json.member("schema", verdict.readiness.schema.word)
            json.member("schema_wanted", verdict.readiness.wantedSchema.map(Int64.init))
            json.member("schema_found", verdict.readiness.foundSchema.map(Int64.init))
            json.member("journal", verdict.readiness.journal.word)
            json.key("reasons")
            json.array { json in
                for reason in verdict.reasons { json.string(reason) }
            }
        }
    }

    /// `GET /metrics`
    func metrics() -> Response {
        let text = ByteBuffer(string: registry.exposition())
        return Response(
            status: .ok, headers: [.contentType: PrometheusRegistry.contentType], body: ResponseBody(byteBuffer: text))
    }

    /// `GET /openapi.json`
    func openAPIDocument() throws -> Response {
        guard let openAPI else { throw ServiceError.notConfigured(detail: "there is no OpenAPI document here") }
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "max-age=300"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: openAPI)))
    }
}
