import Benchmark
import Metrics
import PrometheusMetrics

/// What counting costs.
func measureMetrics() {
    measure(
        "metrics: count", calls: 100_000,
        { Counter(label: "calls_total", dimensions: [("outcome", "admitted")], factory: PrometheusRegistry()) },
        sample: { counter, calls in
            for _ in 0..<calls { counter.increment() }
        })
    measure(
        "metrics: observe a duration", calls: 100_000,
        { Timer(label: "call_seconds", dimensions: [("outcome", "admitted")], factory: PrometheusRegistry()) },
        sample: { timer, calls in
            for number in 0..<calls { timer.recordNanoseconds(Int64(number % 1_000) * 20_000) }
        })
}
