package import HTTPTypes

/// A question for an upstream: who is asked and what, without anything of the client that is not the upstream's business.
package struct ProxyCall: Sendable {
    enum Question: Sendable {
        case call(EndpointKind, GatewayRequest)
        /// A path below `/models` and a query, escaped.
        case models(suffix: String)
    }

    let question: Question
    /// The client's, raw: ``UpstreamHeaders`` chooses.
    let headers: HTTPFields
    package let upstream: Upstream

    package init(kind: EndpointKind, request: GatewayRequest, headers: HTTPFields, upstream: Upstream) {
        question = .call(kind, request)
        self.headers = headers
        self.upstream = upstream
    }

    /// `GET /v1/models`, or one of them; reaches no model and takes no tokens.
    ///
    /// - Parameters:
    ///   - model: unescaped, any text; escaped on the way, so that it can't name another path.
    ///   - query: as the client sent it; left out when it holds what a URL may not.
    /// - Returns: `nil` when there can be no such model: the name is empty, too long, no text for a line, or one that means a path.
    package init?(model: String? = nil, query: String? = nil, headers: HTTPFields, upstream: Upstream) {
        var suffix = ""
        if let model {
            guard Self.isName(model) else { return nil }
            suffix = "/" + Self.escape(model)
        }
        if let query, (1...1_024).contains(query.utf8.count), query.utf8.allSatisfy(Self.isQueryByte) {
            suffix += "?" + query
        }
        question = .models(suffix: suffix)
        self.headers = headers
        self.upstream = upstream
    }

    var url: String {
        switch question {
        case .call(let kind, _): upstream.root + kind.path
        case .models(let suffix): upstream.root + "/models" + suffix
        }
    }

    /// Some servers take an escaped slash for a slash, and then a name with `..` for the way to another path.
    private static func isName(_ model: String) -> Bool {
        (1...256).contains(model.utf8.count) && model.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            && !model.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }
                .contains { $0.isEmpty || $0 == "." || $0 == ".." }
    }

    private static func escape(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { escaped, byte in
            if isUnreserved(byte) {
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                escaped += ["%", digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-._~".utf8.contains(byte)
        }
    }

    private static func isQueryByte(_ byte: UInt8) -> Bool {
        isUnreserved(byte) || "%&=+,:;@!$*()/?".utf8.contains(byte)
    }
}
