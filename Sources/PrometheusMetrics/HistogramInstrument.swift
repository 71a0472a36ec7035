import CoreMetrics
import Synchronization

/// Counts of observations by upper bound, and their sum: a timer (in seconds), or a recorder that aggregates.
final class HistogramInstrument: Instrument, TimerHandler, RecorderHandler {
    static let kind = MetricKind.histogram

    /// One per bound and one above them all. A cell is a class because `Atomic` cannot be an array's element.
    private final class Cell: Sendable {
        let count = Atomic<UInt64>(0)
    }

    let id: SeriesID
    private let bounds: [Double]
    private let cells: [Cell]
    private let sum = AtomicDouble()

    /// - Parameter bounds: finite, rising.
    init(id: SeriesID, bounds: [Double]) {
        self.id = id
        self.bounds = bounds
        cells = (0...bounds.count).map { _ in Cell() }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }
    func record(_ value: Int64) { record(Double(value)) }

    /// Ignores NaN, which would spoil the sum for good.
    func record(_ value: Double) {
        guard !value.isNaN else { return }
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        cells[index].count.wrappingAdd(1, ordering: .relaxed)
        sum.add(value)
    }

    /// The count is what the buckets add up to, so that a scrape during a record is consistent in itself.
    func write(to writer: inout ExpositionWriter) {
        let prefix = id.labels.isEmpty ? "" : id.labels + ","
        var cumulative: UInt64 = 0
        for (index, cell) in cells.enumerated() {
            cumulative &+= cell.count.load(ordering: .relaxed)
            let bound = index < bounds.count ? String.exposed(bounds[index]) : "+Inf"
            writer.sample("\(id.name)_bucket", labels: "\(prefix)le=\"\(bound)\"", value: "\(cumulative)")
        }
        writer.sample("\(id.name)_sum", labels: id.labels, value: .exposed(sum.load()))
        writer.sample("\(id.name)_count", labels: id.labels, value: "\(cumulative)")
    }
}
