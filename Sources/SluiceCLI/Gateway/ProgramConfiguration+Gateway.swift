import FoundationEssentials
import SluiceGateway

extension ProgramConfiguration.Gateway {
    /// How long an answer whose client has gone is read on for what it cost.
    private static let drainLimit = Duration.seconds(120)

    /// Where calls go.
    ///
    /// - Parameter environment: holds the keys that the file names by their variables.
    /// - Throws: ``ConfigurationError`` saying what to change.
    func routing(_ environment: [String: String]) throws(ConfigurationError) -> UpstreamRouting {
        do throws(RoutingError) {
            var upstreams: [Upstream] = []
            for entry in self.upstreams { upstreams.append(try upstream(entry, environment)) }
            let routes = self.routes.map {
                UpstreamRoute(model: $0.model, upstream: $0.upstream, upstreamModel: $0.target)
            }
            return try UpstreamRouting(upstreams: upstreams, routes: routes)
        } catch {
            throw ConfigurationError(problems: [
                ConfigurationProblem(
                    key: "\(error.subject), \(error.field)", value: nil, source: "the upstreams", reason: error.reason)
            ])
        }
    }

    private func upstream(
        _ entry: UpstreamEntry, _ environment: [String: String]
    ) throws(RoutingError) -> Upstream {
        var timeouts = UpstreamTimeouts()
        timeouts.firstByte = timeout
        timeouts.idle = timeout
        // Beyond its lease a call is taken to have spent all that was reserved.
        timeouts.total = lease * 3 / 4
        return try Upstream(
            name: entry.name, kind: entry.kind == .openai ? .openAI : .anthropic, baseURL: entry.baseURL,
            apiKey: Self.key(entry, environment), isDefault: entry.isDefault, timeouts: timeouts,
            onHangUp: onHangUp == .drain ? .drain(limit: Self.drainLimit) : .cancel)
    }

    fileprivate static func key(_ entry: UpstreamEntry, _ environment: [String: String]) -> String? {
        switch entry.key {
        case .none: nil
        case .text(let key): key
        // An empty one is refused with the name of the upstream.
        case .variable(let name): environment[name] ?? ""
        }
    }
}

extension ProgramConfiguration {
    /// The same on all replicas and known to nobody who reads the ledger: made of every secret that they share.
    func sharedSecret(_ environment: [String: String]) -> String {
        let upstreamKeys = gateway.upstreams.map { Gateway.key($0, environment) ?? "" }
        return (upstreamKeys + [identity.secret ?? ""] + serviceKeys.sorted()).joined(separator: "\n")
    }
}
