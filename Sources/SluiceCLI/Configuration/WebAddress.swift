import FoundationEssentials

/// A URL that a setting may hold: `http` or `https`, with a host, without a login.
struct WebAddress {
    private let url: URL

    init?(_ text: String) {
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme), let host = url.host(), !host.isEmpty,
            url.user() == nil, url.password() == nil, url.fragment() == nil
        else { return nil }
        self.url = url
    }

    var isHTTPS: Bool { url.scheme == "https" }

    var isLoopback: Bool {
        let host = url.host() ?? ""
        return host == "localhost" || host == "::1" || host == "[::1]"
            || (host.hasPrefix("127.") && host.allSatisfy("0123456789.".contains))
    }

    /// Scheme, host and port, and nothing more.
    var isOrigin: Bool { url.path().isEmpty && url.query() == nil }
}
