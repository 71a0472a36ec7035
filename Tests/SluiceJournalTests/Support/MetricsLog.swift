import SluiceCore
import Synchronization

@testable import SluiceJournal

/// Remembers what a journal told.
final class MetricsLog: JournalMetrics {
    struct State {
        var recorded = 0
        var lost: [JournalTrouble: Int] = [:]
        var refused: [JournalTrouble: Int] = [:]
        var writeFailures: [String] = []
        var replayed = ReplayCounts()
        var setAside: [String] = []
        var cutBytes = 0
        var segmentFailures: [String] = []
        var vanished: [Int] = []
    }

    let state = Mutex(State())
    /// Records in each segment that vanished.
    let vanishings = AsyncStream<Int>.makeStream()

    func recorded(_ count: Int, syncDuration duration: Duration) { state.withLock { $0.recorded += count } }
    func lost(_ count: Int, reason: JournalTrouble) { state.withLock { $0.lost[reason, default: 0] += count } }
    func refused(_ count: Int, reason: JournalTrouble) { state.withLock { $0.refused[reason, default: 0] += count } }
    func writeFailed(_ reason: String) { state.withLock { $0.writeFailures.append(reason) } }
    func replayed(_ counts: ReplayCounts, duration: Duration) { state.withLock { $0.replayed += counts } }
    func replayFailed(_ error: StoreError) { state.withLock { $0.replayed.failure = error } }
    func setAside(segment: String, reason: String) { state.withLock { $0.setAside.append(reason) } }
    func segmentFailed(_ segment: String, reason: String) { state.withLock { $0.segmentFailures.append(reason) } }

    func segmentVanished(_ segment: String, records: Int) {
        state.withLock { $0.vanished.append(records) }
        vanishings.continuation.yield(records)
    }

    func tailCut(segment: String, bytes: Int) { state.withLock { $0.cutBytes += bytes } }
}
