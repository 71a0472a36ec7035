/// A provider of language models, as this service reaches it. A value that exists is valid.
package struct Upstream: Sendable {
    package let name: String
    package let kind: UpstreamKind
    package let baseURL: BaseURL
    /// `nil` for one that asks for none, such as a model on this machine.
    package let key: UpstreamKey?
    /// Whether it answers for models that no route names. The only upstream of a kind always does.
    package let isDefault: Bool
    package let timeouts: UpstreamTimeouts
    package let onHangUp: HangUpPolicy

    /// - Parameters:
    ///   - name: 1 … 64 visible ASCII characters, for routes, logs and metrics.
    ///   - baseURL: as ``BaseURL`` says.
    ///   - apiKey: visible ASCII.
    /// - Throws: ``RoutingError`` saying what to change; it never holds the key.
    package init(
        name: String, kind: UpstreamKind, baseURL: String, apiKey: String? = nil, isDefault: Bool = false,
        timeouts: UpstreamTimeouts = UpstreamTimeouts(), onHangUp: HangUpPolicy = .cancel
    ) throws(RoutingError) {
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw RoutingError("upstream", "name", "is not 1 to 64 visible ASCII characters: shorten or change it")
        }
        let subject = "upstream \(name)"
        self.name = name
        self.kind = kind
        do throws(BaseURLError) { self.baseURL = try BaseURL(baseURL) } catch {
            throw RoutingError(subject, "base_url", "\(error)")
        }
        key = try apiKey.map { secret throws(RoutingError) in
            guard let key = UpstreamKey(secret) else {
                let reason =
                    "is empty or has a character that a header cannot carry: use visible ASCII, or leave it out"
                throw RoutingError(subject, "api_key", reason)
            }
            return key
        }
        for (field, value) in [
            ("first_byte_timeout", timeouts.firstByte), ("idle_timeout", timeouts.idle),
            ("total_timeout", timeouts.total),
        ] where value <= .zero || value > .seconds(86_400) {
            throw RoutingError(subject, field, "is \(value): use more than nothing and at most a day")
        }
        self.isDefault = isDefault
        self.timeouts = timeouts
        self.onHangUp = onHangUp
    }

    /// What endpoints' paths are added to.
    var root: String { baseURL.root(for: kind) }
}
