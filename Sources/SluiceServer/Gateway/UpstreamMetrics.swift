package import Metrics
import SluiceCore

/// What becomes of calls to upstreams, as metrics. `docs/metrics.md` lists them.
package struct UpstreamMetrics: Sendable {
    private struct Ending: Hashable {
        let route: ServiceRoute
        let upstream: String
        let word: String
    }

    private let calls: HandleCache<Ending, Counter>
    private let durations: HandleCache<String, Timer>

    package init(factory: any MetricsFactory) {
        calls = HandleCache { ending in
            let labels = [("route", ending.route.path), ("upstream", ending.upstream), ("ending", ending.word)]
            return Counter(label: "sluice_upstream_calls_total", dimensions: labels, factory: factory)
        }
        durations = HandleCache { upstream in
            Timer(label: "sluice_upstream_duration_seconds", dimensions: [("upstream", upstream)], factory: factory)
        }
    }

    /// - Parameter ending: one of few words.
    func ended(_ route: ServiceRoute, upstream: String, ending: String, after duration: Duration) {
        calls[Ending(route: route, upstream: upstream, word: ending)].increment()
        durations[upstream].recordNanoseconds(duration.nanoseconds)
    }
}
