import Sluice
import SluiceCore
import SluiceJournal

/// What happened in an outage and was not logged yet, and what is to be logged of it when. A pure machine.
///
/// A call must not cost a line, or an outage would fill the disk: each kind of event has one line with a count, losses at most
/// whenever somebody asks, the others at most every ten seconds.
struct OutageEvents {
    typealias Instant = ContinuousClock.Instant

    /// One line of the log.
    enum Line: Hashable {
        case lost(JournalTrouble, calls: Int)
        case turnedAway(JournalTrouble, calls: Int)
        case replayed(recorded: Int, known: Int)
        case rejected(calls: Int)
        case replayFails(StoreError)
        case storeFailed(StoreError, calls: Int)
    }

    /// Lines of one kind keep this distance.
    static let interval: Duration = .seconds(10)
    /// Failures of single calls, which are no outage and so not told by the breaker's line.
    static let singled: Set<StoreError.Kind> = [.contended, .missingPartition, .rejected]

    private enum Topic: Hashable {
        case turnedAway(JournalTrouble)
        case replayed, replayFails
        case store(StoreError.Kind)
    }

    var lost: [JournalTrouble: Int] = [:]
    var turnedAway: [JournalTrouble: Int] = [:]
    var replayFailure: StoreError?
    private var recorded = 0
    private var known = 0
    private var rejected = 0
    private var failures: [StoreError.Kind: (error: StoreError, calls: Int)] = [:]
    private var lastLines: [Topic: Instant] = [:]

    mutating func replayed(_ counts: ReplayCounts) {
        recorded += counts.recorded
        known += counts.known
        rejected += counts.rejected
        replayFailure = nil
    }

    mutating func storeFailed(_ error: StoreError, calls: Int) {
        guard Self.singled.contains(error.kind) else { return }
        failures[error.kind] = (error, (failures[error.kind]?.calls ?? 0) + calls)
    }

    /// What is to be logged now; it counts as logged.
    ///
    /// - Parameters:
    ///   - waiting: calls in the journal: as long as there are some the replay is not over.
    ///   - isLast: nobody will ask again.
    mutating func lines(at now: Instant, waiting: Int, isLast: Bool = false) -> [Line] {
        var lines = lost.sorted { $0.key.rawValue < $1.key.rawValue }.map { Line.lost($0.key, calls: $0.value) }
        lost = [:]
        if rejected > 0 { lines.append(.rejected(calls: rejected)) }
        rejected = 0
        for (trouble, calls) in turnedAway where isDue(.turnedAway(trouble), at: now, isLast) {
            lines.append(.turnedAway(trouble, calls: calls))
            turnedAway[trouble] = nil
        }
        if recorded + known > 0, waiting == 0 || isLast, isDue(.replayed, at: now, isLast) {
            lines.append(.replayed(recorded: recorded, known: known))
            (recorded, known) = (0, 0)
        }
        if let error = replayFailure, isDue(.replayFails, at: now, isLast) {
            lines.append(.replayFails(error))
            replayFailure = nil
        }
        for (kind, failure) in failures where isDue(.store(kind), at: now, isLast) {
            lines.append(.storeFailed(failure.error, calls: failure.calls))
            failures[kind] = nil
        }
        return lines
    }

    private mutating func isDue(_ topic: Topic, at now: Instant, _ isLast: Bool) -> Bool {
        if let last = lastLines[topic], last.duration(to: now) < Self.interval, !isLast { return false }
        lastLines[topic] = now
        return true
    }
}
