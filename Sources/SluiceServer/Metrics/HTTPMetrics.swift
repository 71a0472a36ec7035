import HTTPTypes
import Metrics

/// Requests by route as it is written, never by path: there is no end of paths.
struct HTTPMetrics: Sendable {
    private struct Key: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    private let requests: HandleCache<Key, Counter>
    private let durations: HandleCache<String, Timer>

    init(factory: any MetricsFactory) {
        requests = HandleCache { key in
            let labels = [("method", key.method), ("route", key.route), ("status", "\(key.status)")]
            return Counter(label: "sluice_http_requests_total", dimensions: labels, factory: factory)
        }
        durations = HandleCache { route in
            Timer(label: "sluice_http_request_duration_seconds", dimensions: [("route", route)], factory: factory)
        }
    }

    func answered(
        _ method: HTTPRequest.Method, route: String, status: HTTPResponse.Status, after duration: Duration
    ) {
        // A caller may make up methods, so that the unknown ones share a label.
        let isKnown = [.get, .head, .post, .put, .patch, .delete, .options].contains(method)
        requests[Key(method: isKnown ? method.rawValue : "other", route: route, status: status.code)].increment()
        durations[route].recordNanoseconds(duration.nanoseconds)
    }
}

extension Duration {
    /// Saturated; 292 years fit.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, sumOverflow) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || sumOverflow ? (seconds < 0 ? .min : .max) : sum
    }
}
