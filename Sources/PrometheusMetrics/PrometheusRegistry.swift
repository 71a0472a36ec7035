public import CoreMetrics
import Synchronization

/// A backend of swift-metrics that shows its metrics to Prometheus in the text format 0.0.4.
///
/// Recording is lock-free. Counters become counters, meters and plain recorders gauges, timers histograms in seconds, and
/// aggregating recorders histograms. Names and labels are made valid; equal names and labels share one series. A metric
/// whose name is taken by one of another kind still works but is not exposed, since the whole scrape would be invalid.
public final class PrometheusRegistry: MetricsFactory, Sendable {
    /// The `Content-Type` of ``exposition()``.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private let configuration: PrometheusConfiguration
    private let state = Mutex(State())

    public init(configuration: PrometheusConfiguration = PrometheusConfiguration()) {
        self.configuration = configuration
    }

    /// Adds work to be done before each exposition, such as setting gauges from a state that is cheap to read.
    public func addCollector(_ collect: @escaping @Sendable () -> Void) {
        state.withLock { $0.collectors.append(collect) }
    }

    /// All metrics as one text, sorted by name and labels.
    public func exposition() -> String {
        for collect in state.withLock({ $0.collectors }) { collect() }
        let families = state.withLock { $0.families }
        var writer = ExpositionWriter()
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            writer.header(name, kind: family.kind, help: configuration.help[name])
            for (_, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.instrument.write(to: &writer)
            }
        }
        return writer.text
    }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        register(CounterInstrument(id: SeriesID(label: label, dimensions: dimensions)))
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        register(CounterInstrument(id: SeriesID(label: label, dimensions: dimensions)))
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        register(GaugeInstrument(id: SeriesID(label: label, dimensions: dimensions)))
    }

    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return register(GaugeInstrument(id: SeriesID(label: label, dimensions: dimensions))) }
        return makeHistogram(label: label, dimensions: dimensions, bounds: configuration.recorderBuckets)
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        makeHistogram(label: label, dimensions: dimensions, bounds: configuration.timerBuckets)
    }

    public func destroyCounter(_ handler: any CounterHandler) { release(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { release(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { release(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { release(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { release(handler) }

    private func makeHistogram(label: String, dimensions: [(String, String)], bounds: [Double]) -> HistogramInstrument {
        let id = SeriesID(label: label, dimensions: dimensions, reserved: "le")
        return register(HistogramInstrument(id: id, bounds: configuration.bounds(for: id.name, default: bounds)))
    }

    /// The series that is already there, or else the one given.
    private func register<I: Instrument>(_ new: I) -> I {
        state.withLock { $0.register(new) }
    }

    private func release(_ handler: AnyObject) {
        guard let instrument = handler as? any Instrument else { return }
        state.withLock { $0.release(instrument) }
    }
}
