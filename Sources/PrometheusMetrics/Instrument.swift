/// One time series (or, for a histogram, one set of them) that is recorded into and exposed.
protocol Instrument: AnyObject, Sendable {
    static var kind: MetricKind { get }
    var id: SeriesID { get }
    func write(to writer: inout ExpositionWriter)
}

/// The word of the `# TYPE` line, and which names a metric of that kind takes up.
enum MetricKind: String, Sendable {
    case counter, gauge, histogram

    func exposedNames(of name: String) -> [String] {
        switch self {
        case .counter, .gauge: [name]
        case .histogram: [name, "\(name)_bucket", "\(name)_sum", "\(name)_count"]
        }
    }
}
