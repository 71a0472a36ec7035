import HTTPTypes
import NIOHTTP1

/// The head of an upstream's answer, as the client is to see it.
struct AnswerHead: Sendable {
    let status: HTTPResponse.Status
    let headers: HTTPFields
    var contentLength: Int?
    /// Server-sent events.
    let isEventStream: Bool

    var isSuccess: Bool { status.kind == .successful }

    /// - Throws: ``ProxyFailure`` when the client is not to see the answer.
    init(status code: Int, headers: HTTPHeaders, of upstream: Upstream) throws(ProxyFailure) {
        switch code {
        case 401, 403: throw .keyRefused
        case 300..<400: throw .redirected
        case 200..<300, 400..<600: break
        default: throw .malformed
        }
        let status = HTTPResponse.Status(code: code)
        let encodings = headers["content-encoding"].filter { $0.lowercased() != "identity" }
        // A key could hide in it, and identity was asked for.
        guard encodings.isEmpty || status.kind == .successful else { throw .malformed }
        self.status = status
        isEventStream = headers.first(name: "content-type")?.lowercased().hasPrefix("text/event-stream") ?? false
        contentLength = headers.first(name: "content-length").flatMap { Int($0) }
        self.headers = AnswerHeaders.make(from: headers, status: code, of: upstream)
    }
}
