import Logging
import Metrics
import PrometheusMetrics
import Sluice
import SluiceCore
import SluiceJournal
import Synchronization

/// What the journal tells, as metrics (`docs/metrics.md` lists them) and for the log.
final class JournalMeters: JournalMetrics {
    private let log: OutageLog
    private let recordedCalls: Counter
    private let syncDuration: Timer
    private let replayedCalls: [ReplayOutcome: Counter]
    private let lostCalls: [JournalTrouble: Counter]
    private let refusedCalls: [JournalTrouble: Counter]
    private let setAsideSegments: Counter
    private let failedSegments = Mutex<Set<String>>([])

    /// What became of a call that was brought to the database.
    private enum ReplayOutcome: String, CaseIterable {
        case recorded, known, busy, rejected
    }

    /// - Parameter factory: where the metrics go. Every series is there from the start, so that a rate sees the first loss.
    init(factory: any MetricsFactory, log: OutageLog) {
        func counter(_ name: String, _ labels: [(String, String)] = []) -> Counter {
            Counter(label: "sluice_journal_\(name)_total", dimensions: labels, factory: factory)
        }
        func counters(_ name: String) -> [JournalTrouble: Counter] {
            .init(uniqueKeysWithValues: JournalTrouble.allCases.map { ($0, counter(name, [("reason", $0.rawValue)])) })
        }
        self.log = log
        recordedCalls = counter("recorded")
        syncDuration = Timer(label: "sluice_journal_sync_seconds", dimensions: [], factory: factory)
        replayedCalls = .init(
            uniqueKeysWithValues: ReplayOutcome.allCases.map { ($0, counter("replayed", [("outcome", $0.rawValue)])) })
        (lostCalls, refusedCalls) = (counters("lost"), counters("refused"))
        setAsideSegments = counter("set_aside")
    }

    /// Shows what waits in the journal whenever somebody looks at the metrics.
    func watch(_ sluice: Sluice, in registry: PrometheusRegistry) {
        let records = Meter(label: "sluice_journal_records", dimensions: [], factory: registry)
        let bytes = Meter(label: "sluice_journal_bytes", dimensions: [], factory: registry)
        let oldest = Meter(label: "sluice_journal_oldest_seconds", dimensions: [], factory: registry)
        registry.addCollector {
            guard let status = sluice.journal else { return }
            records.set(status.records)
            bytes.set(status.bytes)
            let age = status.oldest.map { $0.duration(to: sluice.clock.now().time) } ?? .zero
            oldest.set(max(0, age / .seconds(1)))
        }
    }

    func recorded(_ count: Int, syncDuration duration: Duration) {
        recordedCalls.increment(by: count)
        syncDuration.recordNanoseconds(Int64(duration / .nanoseconds(1)))
    }

    func lost(_ count: Int, reason: JournalTrouble) {
        lostCalls[reason]?.increment(by: count)
        log.note { $0.lost[reason, default: 0] += count }
    }

    func refused(_ count: Int, reason: JournalTrouble) {
        refusedCalls[reason]?.increment(by: count)
        log.note { $0.turnedAway[reason, default: 0] += count }
    }

    func replayed(_ counts: ReplayCounts, duration: Duration) {
        for (outcome, count) in [
            (ReplayOutcome.recorded, counts.recorded), (.known, counts.known), (.busy, counts.busy),
            (.rejected, counts.rejected),
        ] { replayedCalls[outcome]?.increment(by: count) }
        log.note { $0.replayed(counts) }
    }

    func replayFailed(_ error: StoreError) {
        log.note { $0.replayFailure = error }
    }

    func writeFailed(_ reason: String) {
        log.logger.error("the journal cannot be written", metadata: ["reason": "\(reason)"])
    }

    func setAside(segment: String, reason: String) {
        setAsideSegments.increment()
        log.logger.error(
            "a segment of the journal was set aside", metadata: ["segment": "\(segment)", "reason": "\(reason)"])
    }

    func segmentVanished(_ segment: String, records: Int) {
        log.logger.error(
            "a segment of the journal is gone from its directory",
            metadata: ["segment": "\(segment)", "records": "\(records)"])
    }

    /// It is tried again and again; saying so once is enough.
    func segmentFailed(_ segment: String, reason: String) {
        guard failedSegments.withLock({ $0.insert(segment).inserted }) else { return }
        log.logger.warning(
            "a segment of the journal cannot be handled yet",
            metadata: ["segment": "\(segment)", "reason": "\(reason)"])
    }

    func tailCut(segment: String, bytes: Int) {
        log.logger.warning(
            "an incomplete record was cut off the journal", metadata: ["segment": "\(segment)", "bytes": "\(bytes)"])
    }
}
