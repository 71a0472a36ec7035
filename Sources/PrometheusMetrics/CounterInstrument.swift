import CoreMetrics
import Synchronization

/// A sum that only grows, of whole numbers and of fractions alike, so that both kinds of counter may share a name.
final class CounterInstrument: Instrument, CounterHandler, FloatingPointCounterHandler {
    static let kind = MetricKind.counter
    let id: SeriesID
    private let whole = Atomic<Int64>(0)
    private let fractional = AtomicDouble()

    init(id: SeriesID) {
        self.id = id
    }

    /// Ignores what would make the sum fall.
    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        whole.wrappingAdd(amount, ordering: .relaxed)
    }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fractional.add(amount)
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        fractional.store(0)
    }

    func write(to writer: inout ExpositionWriter) {
        let fraction = fractional.load()
        let sum = whole.load(ordering: .relaxed)
        writer.sample(id.name, labels: id.labels, value: fraction == 0 ? "\(sum)" : .exposed(Double(sum) + fraction))
    }
}
