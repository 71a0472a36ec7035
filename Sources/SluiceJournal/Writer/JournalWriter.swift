import SluiceCore
import Synchronization

/// The thread that writes, and the one that watches that nobody waits for too long. Both start with the first record.
final class JournalWriter: Sendable {
    /// `nil`: the record is safe.
    private typealias Waiter = CheckedContinuation<JournalTrouble?, Never>

    private let state: Mutex<WriterMachine<Waiter>>
    private let hasThreads = Mutex(false)
    private let folder: SegmentFolder
    private let segmentBytes: Int
    private let presenceInterval: Duration
    private let shelf: Shelf
    private let signal: Signal
    private let metrics: any JournalMetrics
    private let writerWakeups = Semaphore()
    private let watchWakeups = Semaphore()
    private let end = Semaphore()

    init(
        settings: JournalSettings, folder: SegmentFolder, shelf: Shelf, signal: Signal, metrics: any JournalMetrics,
        retryInterval: Duration = .seconds(1), presenceInterval: Duration = .seconds(1)
    ) {
        state = Mutex(
            WriterMachine(
                limits: .init(
                    maximumBytes: settings.maximumBytes, maximumWait: settings.maximumWait, whenFull: settings.whenFull,
                    retryInterval: retryInterval)))
        self.folder = folder
        segmentBytes = settings.segmentBytes
        self.presenceInterval = presenceInterval
        self.shelf = shelf
        self.signal = signal
        self.metrics = metrics
    }

    /// - Returns: `nil` once the record is safe, else why it is not.
    func write(_ record: [UInt8], time: Timestamp) async -> JournalTrouble? {
        await withCheckedContinuation { continuation in
            let arrival = state.withLock {
                $0.arrived(record, time: time, waiter: continuation, at: .now)
            }
            switch arrival {
            case .turnedDown(let trouble):
                continuation.resume(returning: trouble)
            case .queued(let wakesWriter, let wakesWatch):
                if wakesWatch { watchWakeups.signal() }
                if wakesWriter { wakeWriter() }
            }
        }
    }

    /// Ends the segment that is being written, if there is anything in it, so that it can be replayed.
    func seal() {
        if state.withLock({ $0.sealWanted() }) { wakeWriter() }
    }

    /// Segments that were adopted.
    func shelve(_ segments: [SealedSegment]) {
        guard !segments.isEmpty else { return }
        for segment in segments { shelf.add(segment) }
        state.withLock { $0.shelved(segments.reduce(0) { $0 + Int64($1.bytes) }) }
        signal.raise(.shelved)
    }

    func removeFromShelf(_ segment: SealedSegment) {
        shelf.remove(segment)
        state.withLock { $0.removedFromShelf(Int64(segment.bytes)) }
    }

    /// Whether nothing waits for the ledger, on the shelf or on its way there.
    var isEmpty: Bool { state.withLock { $0.isEmpty } && shelf.load.records == 0 }

    var status: JournalStatus {
        let (live, lost, trouble, failure) = state.withLock { ($0.live, $0.lost, $0.trouble, $0.failure) }
        let load = shelf.load
        return JournalStatus(
            records: live.records + load.records, bytes: live.bytes + load.bytes,
            oldest: earlier(live.records > 0 ? live.oldest : nil, load.oldest), lost: lost, setAside: 0,
            trouble: trouble,
            failure: failure)
    }

    /// Writes what is here, unlocks, ends the threads. Waits for that, but not longer than `deadline`.
    func close(until deadline: ContinuousClock.Instant) {
        let mustWake = state.withLock { $0.close() }
        guard hasThreads.withLock({ $0 }) else { return }
        if mustWake { writerWakeups.signal() }
        end.wait(until: deadline)
        // So that whoever waits for the end next finds it too.
        end.signal()
    }

    private func wakeWriter() {
        let isRunning = hasThreads.withLock { hasThreads in
            if !hasThreads {
                hasThreads = BlockingThread.start { self.watch() } && BlockingThread.start { self.work() }
            }
            return hasThreads
        }
        writerWakeups.signal()
        guard !isRunning else { return }
        state.withLock { $0.writerIsMissing() }
        fail("no thread could be started", live: .init())
    }

    private func work() {
        var appender = SegmentAppender(
            folder: folder, segmentBytes: segmentBytes, presenceInterval: presenceInterval)
        while true {
            switch state.withLock({ $0.nextStep() }) {
            case .sleep:
                if !writerWakeups.wait(until: appender.nextCheck) {
                    appender.checkPresence()
                    publish(&appender)
                }
            case .write(let group): write(group, with: &appender)
            case .seal:
                appender.seal()
                publish(&appender)
            case .end:
                appender.finish()
                watchWakeups.signal()
                return end.signal()
            }
        }
    }

    private func write(_ group: RecordGroup, with appender: inout SegmentAppender) {
        let start = ContinuousClock.now
        do throws(DiskError) {
            try appender.append(group)
        } catch {
            publish(&appender)
            return fail("\(error)", live: Self.live(appender))
        }
        let took = start.duration(to: .now)
        publish(&appender)
        let waiters = state.withLock { $0.written(live: Self.live(appender)) }
        metrics.recorded(group.count, syncDuration: took)
        for waiter in waiters { waiter.resume(returning: nil) }
        signal.raise(.arrived)
    }

    private func fail(_ reason: String, live: WriterMachine<Waiter>.Live) {
        let (waiters, isNews) = state.withLock { $0.failed(reason, live: live, at: .now) }
        if isNews { metrics.writeFailed(reason) }
        for waiter in waiters { waiter.resume(returning: .failing) }
    }

    private func publish(_ appender: inout SegmentAppender) {
        for segment in appender.takeVanished() {
            state.withLock { $0.vanished(segment.records) }
            metrics.segmentVanished(segment.name.text, records: segment.records)
            if segment.records > 0 { metrics.lost(segment.records, reason: .vanished) }
        }
        let sealed = appender.takeSealed()
        guard !sealed.isEmpty else { return }
        for segment in sealed { shelf.add(segment) }
        let bytes = sealed.reduce(0) { $0 + Int64($1.bytes) }
        let live = Self.live(appender)
        state.withLock { $0.shelved(bytes, live: live) }
        signal.raise(.shelved)
    }

    private func watch() {
        var next: ContinuousClock.Instant?
        while true {
            watchWakeups.wait(until: next)
            let (look, hasEnded) = state.withLock { ($0.looked(at: .now), $0.hasEnded) }
            for waiter in look.waiters { waiter.resume(returning: .stuck) }
            if hasEnded { return }
            next = look.next
        }
    }

    private static func live(_ appender: SegmentAppender) -> WriterMachine<Waiter>.Live {
        let load = appender.load
        return .init(bytes: load.bytes, records: load.records, oldest: load.oldest)
    }
}
