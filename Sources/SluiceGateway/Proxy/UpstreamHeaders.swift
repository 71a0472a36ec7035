import HTTPTypes
import NIOHTTP1

/// Which of a client's header fields an upstream gets to see: those in a list, and none else.
///
/// So does nothing go there by which a client is known or let in (`Authorization`, `X-Api-Key`, `Cookie`), by which it came
/// (`Forwarded`, `X-Forwarded-*`, `X-Real-IP`, `Host`), or with which it could choose another account of ours
/// (`OpenAI-Organization`, `OpenAI-Project`), nor any field that is for one connection.
enum UpstreamHeaders {
    private static let passed: Set<String> = [
        "accept", "anthropic-beta", "anthropic-version", "idempotency-key", "openai-beta", "user-agent",
        "x-client-request-id",
    ]
    private static let passedPrefix = "x-stainless-"
    private static let anthropicVersion = "2023-06-01"

    static func make(for call: ProxyCall) -> HTTPHeaders {
        let named = connectionNames(call.headers[values: .connection])
        var headers = HTTPHeaders()
        for field in call.headers {
            let name = field.name.canonicalName
            guard passed.contains(name) || name.hasPrefix(passedPrefix), !named.contains(name) else { continue }
            headers.add(name: name, value: field.value)
        }
        if case .call = call.question { headers.add(name: "content-type", value: "application/json") }
        addOwn(of: call.upstream, to: &headers)
        return headers
    }

    /// For a question of this service's own.
    static func make(for upstream: Upstream) -> HTTPHeaders {
        var headers: HTTPHeaders = ["accept": "application/json", "content-type": "application/json"]
        addOwn(of: upstream, to: &headers)
        return headers
    }

    private static func addOwn(of upstream: Upstream, to headers: inout HTTPHeaders) {
        // Usage is read from the answer's bytes as they are.
        headers.add(name: "accept-encoding", value: "identity")
        switch upstream.kind {
        case .openAI:
            if let key = upstream.key { headers.add(name: "authorization", value: "Bearer \(key.secret)") }
        case .anthropic:
            if let key = upstream.key { headers.add(name: "x-api-key", value: key.secret) }
            if !headers.contains(name: "anthropic-version") {
                headers.add(name: "anthropic-version", value: anthropicVersion)
            }
        }
    }

    /// The fields that are for this connection alone, as its `Connection` fields say.
    private static func connectionNames(_ values: [String]) -> Set<String> {
        Set(values.flatMap { $0.lowercased().split { $0 == "," || $0 == " " || $0 == "\t" } }.map(String.init))
    }
}
