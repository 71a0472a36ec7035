import Metrics
import SluiceCore

/// The counts that dashboards for Envoy's rate limit service know, in its names and with its labels: `domain` is `sluice`,
/// `key1` the policy. A hit is one unit of weight.
struct HitMetrics: Sendable {
    private struct Hits {
        let total: Counter
        let within: Counter
        let near: Counter
        let over: Counter

        init(policy: String, factory: any MetricsFactory) {
            func counter(_ name: String) -> Counter {
                let labels = [("domain", "sluice"), ("key1", policy)]
                return Counter(label: "ratelimit_service_rate_limit_\(name)", dimensions: labels, factory: factory)
            }
            total = counter("total_hits")
            within = counter("within_limit")
            near = counter("near_limit")
            over = counter("over_limit")
        }
    }

    /// Envoy's default: hits that fit, but beyond this share of the limit, are near it.
    private static let nearTenths: Int64 = 8

    private let hits: HandleCache<String, Hits>

    init(factory: any MetricsFactory) {
        hits = HandleCache { Hits(policy: $0, factory: factory) }
    }

    func decided(_ decision: Decision, weight: Int64) {
        switch decision {
        // A first answer again hits nothing; nor does a mere look, whose weight is 0.
        case .admitted(let admission) where admission.isReplay:
            break
        case .admitted(let admission):
            let hits = hits[admission.policy.name]
            hits.total.increment(by: weight)
            hits.within.increment(by: weight)
            hits.near.increment(by: Self.near(admission.windows, weight: weight))
        case .refused(let refusal):
            over(refusal.policy, weight: weight)
        case .neverFits(let never):
            over(never.policy, weight: weight)
        }
    }

    private func over(_ policy: Policy, weight: Int64) {
        hits[policy.name].total.increment(by: weight)
        hits[policy.name].over.increment(by: weight)
    }

    /// How much of the weight lies beyond the threshold, in the window where that is most.
    private static func near(_ windows: [WindowState], weight: Int64) -> Int64 {
        windows.lazy.map { max(0, min(weight, $0.used - $0.window.limit / 10 * nearTenths)) }.max() ?? 0
    }
}

/// Counts the hits of every decision that passes through.
struct HitCountingLimiter: Limiter {
    let limiter: any Limiter
    let metrics: HitMetrics

    nonisolated(nonsending) func admit(
        _ call: Call, under policy: Policy
    ) async throws(LimiterError) -> Decision {
        let decision = try await limiter.admit(call, under: policy)
        metrics.decided(decision, weight: call.weight)
        return decision
    }

    func peek(_ user: UserID, weight: Int64, under policy: Policy) async throws(LimiterError) -> Peek {
        try await limiter.peek(user, weight: weight, under: policy)
    }
}
