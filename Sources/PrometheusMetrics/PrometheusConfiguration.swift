/// How metrics are shown to Prometheus: the buckets of histograms and the help texts.
public struct PrometheusConfiguration: Sendable {
    /// Upper bounds in seconds for timers without bounds of their own.
    public var timerBuckets: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    /// Upper bounds for aggregating recorders without bounds of their own, in the recorder's own unit.
    public var recorderBuckets: [Double] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024]
    /// Upper bounds by metric name as exposed; they win over the defaults.
    public var buckets: [String: [Double]]
    /// The text of the `# HELP` line by metric name as exposed; a metric without one gets no such line.
    public var help: [String: String]

    public init(buckets: [String: [Double]] = [:], help: [String: String] = [:]) {
        self.buckets = buckets
        self.help = help
    }

    /// Finite bounds in rising order, each once: what a histogram needs, whatever was configured.
    func bounds(for name: String, default fallback: [Double]) -> [Double] {
        Set((buckets[name] ?? fallback).filter(\.isFinite)).sorted()
    }
}
