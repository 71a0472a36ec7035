/// Where an upstream is, without the path of an endpoint. A value that exists is valid.
///
/// The same text that the provider's own SDK takes as `base_url`. OpenAI's includes the version (`https://api.openai.com/v1`),
/// Anthropic's doesn't (`https://api.anthropic.com`); with and without it are understood for both, see ``root(for:)``.
package struct BaseURL: Hashable, Sendable {
    /// `http://host` or `https://host:port`, in lower case.
    let origin: String
    /// Empty, or begins with a slash and doesn't end with one.
    let path: String
    let isEncrypted: Bool
    let isLoopback: Bool

    /// - Throws: what is wrong with the text, and what to use. It doesn't repeat the text, which may hold a password.
    init(_ text: String) throws(BaseURLError) {
        guard let (scheme, rest) = Self.splitScheme(text) else { throw .noScheme }
        guard !rest.contains("@") else { throw .hasPassword }
        guard !rest.contains("?"), !rest.contains("#") else { throw .hasQuery }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash].lowercased()
        guard let host = Self.host(ofAuthority: authority[...]) else { throw .badHost }
        var path = rest[slash...]
        while path.hasSuffix("/") { path.removeLast() }
        guard Self.isPath(path) else { throw .badPath }
        origin = "\(scheme)://\(authority)"
        self.path = String(path)
        isEncrypted = scheme == "https"
        isLoopback =
            host == "localhost" || host == "[::1]"
            || (host.hasPrefix("127.") && host.allSatisfy("0123456789.".contains))
    }

    /// The beginning of every endpoint's URL.
    ///
    /// OpenAI's kind: as given, with `/v1` where there is no path at all. Anthropic's: as given, with `/v1` added unless it ends so.
    package func root(for kind: UpstreamKind) -> String {
        switch kind {
        case .openAI: origin + (path.isEmpty ? "/v1" : path)
        case .anthropic: origin + path + (path.hasSuffix("/v1") ? "" : "/v1")
        }
    }

    private static func splitScheme(_ text: String) -> (String, Substring)? {
        for scheme in ["https", "http"] where text.lowercased().hasPrefix("\(scheme)://") {
            return (scheme, text.dropFirst(scheme.count + 3))
        }
        return nil
    }

    private static func host(ofAuthority text: Substring) -> Substring? {
        let end = text.hasPrefix("[") ? text.firstIndex(of: "]").map(text.index(after:)) : text.firstIndex(of: ":")
        let host = text[..<(end ?? text.endIndex)]
        let port = text[host.endIndex...]
        guard port.isEmpty || UInt16(port.dropFirst()).map({ $0 > 0 }) ?? false, port.first ?? ":" == ":" else {
            return nil
        }
        let isIPv6 = host.hasPrefix("[")
        guard host.utf8.count > (isIPv6 ? 3 : 0), isIPv6 == host.hasSuffix("]") else { return nil }
        let allowed = isIPv6 ? "0123456789abcdef:.[]" : "0123456789abcdefghijklmnopqrstuvwxyz.-_"
        return host.allSatisfy(allowed.contains) ? host : nil
    }

    /// Only what needs no escaping, and no way up.
    private static func isPath(_ path: Substring) -> Bool {
        path.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "/-._~:".utf8.contains(byte)
            }
        } && !path.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }
}

extension BaseURL: CustomStringConvertible {
    package var description: String { origin + path }
}
