import HTTPTypes

/// Which web pages may use the service from a browser (the Fetch standard's CORS protocol). Credentials come in a header
/// that a page must set itself, so cookies are never allowed.
package struct CrossOrigin: Sendable {
    package static let none = CrossOrigin(checked: [])

    private let origins: Set<String>

    /// - Parameter origins: such as `https://app.example.com`. There is no way to allow all of them.
    package init(_ origins: [String]) throws(ServiceConfigurationError) {
        for origin in origins {
            guard origin.wholeMatch(of: #/https?://[a-z0-9.\-\[\]:]+/#) != nil else { throw .notAnOrigin(origin) }
        }
        self.init(checked: Set(origins))
    }

    private init(checked origins: Set<String>) {
        self.origins = origins
    }

    /// Adds what a browser must find in the answer to let the page have it; nothing for pages that are not allowed.
    func allow(_ request: HTTPRequest, in headers: inout HTTPFields) {
        guard !origins.isEmpty else { return }
        headers.append(HTTPField(name: .vary, value: "origin"))
        guard let origin = request.headerFields[.origin], origins.contains(origin) else { return }
        headers[.accessControlAllowOrigin] = origin
        headers[.accessControlExposeHeaders] =
            "ratelimit, ratelimit-policy, retry-after, retry-after-ms, x-request-id, x-should-retry, request-id"
        guard request.method == .options, request.headerFields[.accessControlRequestMethod] != nil else { return }
        headers[.accessControlAllowMethods] = headers[.allow]
        // SDKs send headers of their own. What a page may send to us is of no danger: no header alone lets anyone in.
        headers[.accessControlAllowHeaders] = request.headerFields[.accessControlRequestHeaders]
        headers[.accessControlMaxAge] = "600"
    }
}
