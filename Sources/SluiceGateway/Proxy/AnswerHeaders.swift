import HTTPTypes
import NIOHTTP1

/// Which of an upstream's header fields a client gets to see: those in a list, and none else.
///
/// So are dropped cookies, what is for one connection, what describes the upstream's servers (`Server`, `Alt-Svc`,
/// `Strict-Transport-Security`), and what describes this service's account: its rate limits, organization and project.
enum AnswerHeaders {
    private static let passed: Set<String> = [
        "content-encoding", "content-type", "request-id", "x-request-id", "x-should-retry",
    ]
    private static let passedPrefixes = ["anthropic-", "openai-"]
    private static let ofAccount = ["ratelimit", "organization", "project", "workspace", "priority", "fast"]
    private static let ofWaiting: Set<String> = ["retry-after", "retry-after-ms"]
    /// Too many requests, unavailable, overloaded.
    private static let waitingStatuses: Set<Int> = [429, 503, 529]

    static func make(from headers: HTTPHeaders, status: Int, of upstream: Upstream) -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in headers {
            guard let name = HTTPField.Name(name), isPassed(name.canonicalName, status: status),
                !KeyMask.contains(upstream.key, in: value)
            else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        return fields
    }

    private static func isPassed(_ name: String, status: Int) -> Bool {
        if passed.contains(name) { return true }
        if ofWaiting.contains(name) { return waitingStatuses.contains(status) }
        return passedPrefixes.contains(where: name.hasPrefix) && !ofAccount.contains(where: name.contains)
    }
}
