/// Which upstream answers for which model. A value that exists is valid.
///
/// The whole name counts before a beginning, a longer beginning before a shorter, and any before the default of the endpoint's
/// kind. Only upstreams that understand the endpoint are looked at.
package struct UpstreamRouting: Sendable {
    /// Where a call goes, and the model's name there.
    package struct Target: Sendable {
        package let upstream: Upstream
        package let model: String
    }

    private struct Rule: Sendable {
        let route: UpstreamRoute
        let upstream: Upstream
    }

    package let upstreams: [Upstream]
    /// What works but should not be so, for the log at start.
    package let warnings: [String]
    private var whole: [UpstreamKind: [String: Rule]] = [:]
    /// The longest first.
    private var beginnings: [UpstreamKind: [Rule]] = [:]
    private var defaults: [UpstreamKind: Upstream] = [:]

    /// - Throws: ``RoutingError`` saying what to change.
    package init(upstreams: [Upstream], routes: [UpstreamRoute] = []) throws(RoutingError) {
        self.upstreams = upstreams
        warnings = upstreams.filter { !$0.baseURL.isEncrypted && !$0.baseURL.isLoopback }.map { upstream in
            "upstream \(upstream.name): base_url is http, so that key and prompts can be read on the way: use https"
        }
        let named = try Self.byName(upstreams)
        for kind in UpstreamKind.allCases { defaults[kind] = try Self.default(of: kind, among: upstreams) }
        for route in routes { try add(route, named) }
        for kind in UpstreamKind.allCases {
            beginnings[kind]?.sort { $0.route.model.utf8.count > $1.route.model.utf8.count }
        }
    }

    /// - Returns: `nil` when no upstream answers for the model on this endpoint.
    package func target(of model: String, for endpoint: EndpointKind) -> Target? {
        let kind = endpoint.upstreamKind
        let rule = whole[kind]?[model] ?? beginnings[kind]?.first { model.hasPrefix($0.route.prefix ?? "") }
        if let rule { return Target(upstream: rule.upstream, model: rule.route.target(of: model)) }
        return defaults[kind].map { Target(upstream: $0, model: model) }
    }

    /// Who answers for models that no route names.
    package func defaultUpstream(of kind: UpstreamKind) -> Upstream? { defaults[kind] }

    package func upstream(named name: String) -> Upstream? { upstreams.first { $0.name == name } }

    private mutating func add(_ route: UpstreamRoute, _ named: [String: Upstream]) throws(RoutingError) {
        try route.check()
        guard let upstream = named[route.upstream] else {
            let known = named.keys.sorted().joined(separator: ", ")
            let reason = "is \(route.upstream), which is none of the upstreams (\(known)): use one of them"
            throw RoutingError("route \(route.model)", "upstream", reason)
        }
        let rule = Rule(route: route, upstream: upstream)
        let isKnown =
            route.prefix == nil
            ? whole[upstream.kind, default: [:]].updateValue(rule, forKey: route.model) != nil
            : beginnings[upstream.kind, default: []].contains { $0.route.model == route.model }
        guard !isKnown else {
            let reason = "is there twice for upstreams of kind \(upstream.kind.rawValue): leave one of them out"
            throw RoutingError("route \(route.model)", "model", reason)
        }
        if route.prefix != nil { beginnings[upstream.kind, default: []].append(rule) }
    }

    private static func byName(_ upstreams: [Upstream]) throws(RoutingError) -> [String: Upstream] {
        var named: [String: Upstream] = [:]
        for upstream in upstreams where named.updateValue(upstream, forKey: upstream.name) != nil {
            throw RoutingError("upstream \(upstream.name)", "name", "is there twice: rename one of them")
        }
        return named
    }

    private static func `default`(
        of kind: UpstreamKind, among all: [Upstream]
    ) throws(RoutingError) -> Upstream? {
        let candidates = all.filter { $0.kind == kind }
        let chosen = candidates.filter(\.isDefault)
        guard chosen.count < 2 else {
            let reason = "is true for \(chosen[0].name) as well, of the same kind \(kind.rawValue): keep one of them"
            throw RoutingError("upstream \(chosen[1].name)", "default", reason)
        }
        return chosen.first ?? (candidates.count == 1 ? candidates[0] : nil)
    }
}
