import Benchmark
import CUsage
import Synchronization

extension BenchmarkMetric {
    /// Calls in one sample, by which the other figures are to be divided.
    static var calls: Self { .custom("Calls", useScalingFactor: false) }
    /// Nanoseconds of CPU of the whole process; the library's own are of a clock that ticks every 10 ms.
    static var cpu: Self { .custom("CPU", useScalingFactor: false) }
    /// Allocations of the whole process.
    static var mallocs: Self { .custom("Mallocs", useScalingFactor: false) }
    /// Context switches of the whole process.
    static var switches: Self { .custom("Switches", useScalingFactor: false) }
}

/// Registers a benchmark.
///
/// - Parameters:
///   - name: starts with the part that is measured; without underscores, which the library puts in place of spaces.
///   - calls: in one sample: as many as take a millisecond or more, so that taking the sample counts for nothing.
///   - setUp: makes what is measured, once, in the process that measures.
///   - tearDown: what is to be done about it in the end.
///   - sample: makes that many calls.
func measure<Subject: Sendable>(
    _ name: String, calls: Int, _ setUp: @escaping @Sendable () async throws -> Subject,
    tearDown: @escaping @Sendable (Subject) async throws -> Void = { _ in },
    sample: @escaping @Sendable (Subject, Int) async throws -> Void
) {
    let subject = Box<Subject>()
    let configuration = Benchmark.Configuration(
        metrics: [.wallClock, .throughput, .instructions, .calls, .cpu, .mallocs, .switches],
        warmupIterations: 3, maxDuration: .seconds(3), maxIterations: 10_000)
    Benchmark(
        name, configuration: configuration,
        closure: { benchmark in
            guard let subject = subject.value else { return benchmark.error("nothing to measure") }
            benchmark.startMeasurement()
            let start = usage_now()
            try await sample(subject, calls)
            let end = usage_now()
            benchmark.stopMeasurement()
            benchmark.measurement(.calls, calls)
            benchmark.measurement(.cpu, Int(end.cpu - start.cpu))
            benchmark.measurement(.mallocs, Int(end.mallocs - start.mallocs))
            benchmark.measurement(.switches, Int(end.switches - start.switches))
        },
        setup: { subject.value = try await setUp() },
        teardown: {
            guard let value = subject.value else { return }
            subject.value = nil
            try await tearDown(value)
        })
}

/// Where the set-up leaves what is measured.
private final class Box<Subject: Sendable>: Sendable {
    private let contents = Mutex<Subject?>(nil)

    var value: Subject? {
        get { contents.withLock { $0 } }
        set { contents.withLock { $0 = newValue } }
    }
}

/// A benchmark that does not measure what it is there for.
struct Misled: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
