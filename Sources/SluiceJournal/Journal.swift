public import SluiceCore
import Synchronization

/// Keeps calls that were let through without the ledger, and settlements that it could not take, on the local disk until the
/// ledger has taken them.
///
/// A record is safe before its caller is answered (``JournalSettings/Durability``). Records lie in segments, append-only
/// files whose layout ``SegmentFormat`` describes; a segment is deleted when the ledger holds every record in it, so nothing on disk
/// says how far a replay came: after a crash a segment is brought again from its start, and the ledger takes no call twice.
///
/// Several journals, in one process or in many, may share a directory: each locks its own segments, and takes over those
/// whose journal is gone. Call ``close()`` in the end.
public final class Journal: UncheckedRecorder, SettlementRecorder, Sendable {
    /// Waits that tests shorten.
    struct Timing: Sendable {
        /// How long records gather in a segment while the ledger works, before they are replayed.
        var gather: Duration = .milliseconds(500)
        /// How often it is asked whether replay is wanted, when nobody says so.
        var look: Duration = .seconds(1)
        /// A disk that failed is tried again this long after.
        var diskRetry: Duration = .seconds(1)
        /// How often it is looked whether the segment that is being written still is where it was made.
        var presence: Duration = .seconds(1)
    }

    private let settings: JournalSettings
    private let timing: Timing
    private let metrics: any JournalMetrics
    private let adopter: SegmentAdopter
    private let shelf = Shelf()
    private let signal = Signal()
    private let writer: JournalWriter
    private let setAside = SetAsideCount()
    private let leftBehind = Mutex(SegmentAdopter.Left())
    private let replayer: Replayer

    /// Makes the directory if it does not exist, and takes over the segments there that nobody holds, the oldest 64 or half of
    /// ``JournalSettings/maximumBytes`` at first; blocks for as long as reading them takes, about two seconds for each GiB.
    ///
    /// - Throws: ``JournalError`` when a setting is out of range or the directory cannot be used.
    public convenience init(
        _ settings: JournalSettings, metrics: any JournalMetrics = NoJournalMetrics()
    ) throws(JournalError) {
        try self.init(settings, metrics: metrics, disk: SystemDisk())
    }

    init(
        _ settings: JournalSettings, metrics: any JournalMetrics = NoJournalMetrics(), disk: any JournalDisk,
        timing: Timing = Timing()
    ) throws(JournalError) {
        try settings.validate()
        let folder = SegmentFolder(
            path: settings.directory, disk: disk, isDurable: settings.durability == .fsync,
            owner: UUIDBits(high: .random(in: .min ... .max), low: .random(in: .min ... .max)),
            replica: settings.replica.flatMap { $0.isEmpty ? nil : $0 })
        self.settings = settings
        self.timing = timing
        self.metrics = metrics
        adopter = SegmentAdopter(folder: folder, metrics: metrics)
        writer = JournalWriter(
            settings: settings, folder: folder, shelf: shelf, signal: signal, metrics: metrics,
            retryInterval: timing.diskRetry, presenceInterval: timing.presence)
        replayer = Replayer(folder: folder, shelf: shelf, writer: writer, metrics: metrics, setAside: setAside)
        do throws(DiskError) {
            try disk.makeDirectory(settings.directory)
            try folder.probe()
            take(try adopter.look(room))
        } catch {
            throw .unusableDirectory(settings.directory, reason: "\(error)")
        }
    }

    deinit {
        writer.close(until: .now)
    }

    private var room: SegmentAdopter.Room { .init(besides: shelf.load, maximumBytes: settings.maximumBytes) }

    /// Whether segments were left for which there is room now.
    private var hasMore: Bool { shelf.isEmpty && leftBehind.withLock { $0.forRoom > 0 } }

    private func take(_ findings: SegmentAdopter.Findings) {
        setAside.value = findings.setAside
        leftBehind.withLock { $0 = findings.left }
        writer.shelve(findings.adopted)
    }

    /// Returns once the record is safe, or as soon as it is known not to become so; after
    /// ``JournalSettings/maximumWait`` at the latest.
    ///
    /// A record whose caller was told ``RecordOutcome/recorded`` gets its row. One whose caller was told otherwise because the
    /// disk failed or was stuck may get one too.
    public func record(_ call: UncheckedCall, cause: StoreError) async -> RecordOutcome {
        await record(.call(call))
    }

    /// As ``record(_:cause:)``; whoever is told ``RecordOutcome/lost`` has to tell their own caller.
    public func record(_ settlement: Settlement, at time: Timestamp) async -> RecordOutcome {
        await record(.settlement(settlement, settledAt: time))
    }

    private func record(_ entry: JournalEntry) async -> RecordOutcome {
        guard let trouble = await writer.write(entry.encoded, time: entry.time) else { return .recorded }
        switch settings.whenFull {
        case .admit:
            metrics.lost(1, reason: trouble)
            return .lost
        case .refuse:
            metrics.refused(1, reason: trouble)
            return .refused(StoreError(.unrecorded, trouble.message))
        }
    }

    /// Brings what waits to `ledger` whenever `isWanted` says so, until the task is cancelled: at most
    /// ``JournalSettings/replayShare`` of the time, oldest segment first. Also takes over segments of journals that are
    /// gone: now and then, and as soon as nothing else waits if some were left. Call it once.
    ///
    /// - Parameter isWanted: whether the ledger takes calls; asked often, so it is quick. See ``wake()``.
    public func replay(
        into ledger: any JournalLedger, while isWanted: @escaping @Sendable () -> Bool
    ) async {
        var pace = ReplayPace(share: settings.replayShare, batch: settings.replayBatch)
        var generator = SystemRandomNumberGenerator()
        var counts = ReplayCounts()
        var isFailing = false
        var nextRescan = ContinuousClock.now.advanced(by: settings.rescanInterval)
        while !Task.isCancelled {
            guard isWanted() else {
                // Whoever was in the same outage may not have lived to see its end.
                if await signal.wait(for: .woken, timeout: timing.look) == .woken { nextRescan = .now }
                continue
            }
            if nextRescan <= .now || hasMore {
                await rescan()
                nextRescan = .now.advanced(by: settings.rescanInterval)
            }
            // While the ledger fails, one segment is enough to try it with: the next would be a file for each attempt.
            let isTrial = !shelf.isEmpty
            if !isFailing || !isTrial { writer.seal() }
            let terms = Replayer.Terms(ledger: ledger, isWanted: isWanted)
            switch await replayer.pass(terms, pace: &pace, counts: &counts) {
            case .idle:
                if isTrial { isFailing = false }
                if !hasMore { await idle(until: nextRescan) }
            case .again(let kind):
                isFailing = kind != nil
                _ = await signal.wait(for: .woken, timeout: pace.failed(kind, using: &generator))
            case .stopped: break
            }
        }
    }

    private func idle(until rescan: ContinuousClock.Instant) async {
        let reasons = await signal.wait(
            for: [.woken, .arrived, .shelved], timeout: ContinuousClock.now.duration(to: rescan))
        guard reasons == .arrived else { return }
        _ = await signal.wait(for: [.woken, .shelved], timeout: timing.gather)
    }

    /// - Returns: whether a segment was taken over.
    @discardableResult
    private func rescan() async -> Bool {
        let (adopter, room) = (adopter, room)
        let findings = await BlockingThread.run { () -> SegmentAdopter.Findings? in try? adopter.look(room) }
        guard let findings else {
            // What there is to take over is not known: the next look comes in its time.
            leftBehind.withLock { $0 = .init(failed: $0.forRoom + $0.failed) }
            return false
        }
        take(findings)
        return !findings.adopted.isEmpty
    }

    /// The ledger takes calls again: have ``replay(into:while:)`` look now.
    public func wake() {
        signal.raise(.woken)
    }

    /// Brings everything to `ledger` without pauses, segments that were left included, as far as time goes; what is left stays
    /// on disk, see ``JournalStatus/records`` and ``JournalStatus/left``. For shutdown, after
    /// ``replay(into:while:)`` was cancelled.
    ///
    /// - Returns: what became of the records, and the last error of the ledger if there was one.
    @discardableResult
    public func drain(
        into ledger: any JournalLedger, deadline: ContinuousClock.Instant
    ) async -> ReplayCounts {
        var pace = ReplayPace(share: 1, batch: settings.replayBatch)
        var generator = SystemRandomNumberGenerator()
        var counts = ReplayCounts()
        let terms = Replayer.Terms(ledger: ledger, deadline: deadline)
        while terms.mayGoOn {
            writer.seal()
            var wait = timing.gather
            switch await replayer.pass(terms, pace: &pace, counts: &counts) {
            case .idle:
                guard writer.isEmpty else { break }
                guard status.left > 0, await rescan() else { return counts }
                continue
            case .again(let kind): wait = pace.failed(kind, using: &generator)
            case .stopped: break
            }
            let rest = max(.zero, ContinuousClock.now.duration(to: deadline))
            _ = await signal.wait(for: [.woken, .shelved], timeout: min(rest, wait))
        }
        return counts
    }

    /// Takes no more calls, writes what is here, and lets go of every segment: what is left stays on disk. Blocks until
    /// that is done, for at most 5 seconds if the disk is stuck.
    public func close() {
        writer.close(until: .now.advanced(by: .seconds(5)))
        shelf.clear()
    }

    public var status: JournalStatus {
        var status = writer.status
        status.setAside = setAside.value
        status.left = leftBehind.withLock { $0.forRoom + $0.failed }
        return status
    }
}

/// What a journal's records are brought to.
public typealias JournalLedger = UncheckedLedger & SettlementLedger

extension JournalTrouble {
    var message: String {
        switch self {
        case .full: "the journal is full"
        case .failing: "the journal's disk fails"
        case .stuck: "the journal's disk does not answer"
        case .closed: "the journal is closed"
        case .vanished: "the journal's segment was deleted"
        }
    }
}
