/// Which upstream answers for a model.
package struct UpstreamRoute: Hashable, Sendable {
    /// The model's name as clients know it; with `*` at its end, every name that begins so.
    package let model: String
    package let upstream: String
    /// The name there; `nil` for the same. A `*` in it stands for what the one of ``model`` stands for.
    package let upstreamModel: String?

    package init(model: String, upstream: String, upstreamModel: String? = nil) {
        self.model = model
        self.upstream = upstream
        self.upstreamModel = upstreamModel
    }

    /// What all matching names begin with; `nil` where the whole name must match.
    var prefix: Substring? { model.hasSuffix("*") ? model.dropLast() : nil }

    /// The name at the upstream of a model that this route is for.
    func target(of asked: String) -> String {
        guard let upstreamModel else { return asked }
        guard let prefix, let star = upstreamModel.firstIndex(of: "*") else { return upstreamModel }
        var target = upstreamModel
        target.replaceSubrange(star...star, with: asked.dropFirst(prefix.count))
        return target
    }

    func check() throws(RoutingError) {
        let subject = "route \(model)"
        for (field, name) in [("model", model), ("upstream_model", upstreamModel ?? model)] {
            guard (1...256).contains(name.utf8.count) else {
                throw RoutingError(subject, field, "has \(name.utf8.count) bytes: use 1 to 256")
            }
        }
        guard !model.dropLast().contains("*") else {
            throw RoutingError(
                subject, "model", "has a * that is not at its end: use a whole name, or a beginning and *")
        }
        let stars = upstreamModel?.count { $0 == "*" } ?? 0
        guard stars <= (prefix == nil ? 0 : 1) else {
            throw RoutingError(
                subject, "upstream_model", "has \(stars) *: use one at most, and only where model has one")
        }
    }
}
