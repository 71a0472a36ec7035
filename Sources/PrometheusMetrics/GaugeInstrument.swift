import CoreMetrics

/// A value that goes up and down: a meter, or a recorder that does not aggregate.
final class GaugeInstrument: Instrument, MeterHandler, RecorderHandler {
    static let kind = MetricKind.gauge
    let id: SeriesID
    private let value = AtomicDouble()

    init(id: SeriesID) {
        self.id = id
    }

    func set(_ value: Int64) { self.value.store(Double(value)) }
    func set(_ value: Double) { self.value.store(value) }
    func increment(by amount: Double) { value.add(amount) }
    func decrement(by amount: Double) { value.add(-amount) }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }

    func write(to writer: inout ExpositionWriter) {
        writer.sample(id.name, labels: id.labels, value: .exposed(value.load()))
    }
}
