import SluiceCore

/// Group commit: while one group is being written the next one gathers. Decides who waits, who is told at once that their
/// record cannot be written, and when the disk is tried again after it failed.
///
/// Pure: the writer's thread asks for ``nextStep()``, does it, and tells how it went.
struct WriterMachine<Waiter: Sendable> {
    struct Limits {
        var maximumBytes: Int64
        var maximumWait: Duration
        var whenFull: JournalSettings.WhenFull
        /// A disk that failed is tried again this long after.
        var retryInterval: Duration = .seconds(1)
        var groupBytes = 1 << 20
    }

    enum Arrival: Equatable {
        /// Whoever waits is answered later; the writer and the watch must be woken if they sleep.
        case queued(wakesWriter: Bool, wakesWatch: Bool)
        case turnedDown(JournalTrouble)
    }

    enum Step {
        case write(RecordGroup)
        case seal
        case sleep
        case end
    }

    /// What is in the segment that is being written.
    struct Live: Equatable {
        var bytes: Int64 = 0
        var records = 0
        var oldest: Timestamp?
    }

    private struct Entry {
        let bytes: [UInt8]
        let time: Timestamp
        let deadline: ContinuousClock.Instant
        /// `nil` once answered.
        var waiter: Waiter?
    }

    private let limits: Limits
    /// Not yet given to the writer.
    private var pending: [Entry] = []
    /// Being written.
    private var flight: [Entry] = []
    private var queuedBytes = 0
    private var isWriterAsleep = true
    private var isWatchAsleep = true
    private var wantsSeal = false
    private var isClosing = false
    /// The writer is gone.
    private(set) var hasEnded = false
    private var isStuck = false
    /// The last record found no room, and none was made since.
    private var isFull = false
    private var retryAt: ContinuousClock.Instant?
    /// Bytes of sealed segments.
    private(set) var shelvedBytes: Int64 = 0
    private(set) var live = Live()
    private(set) var lost: Int64 = 0
    /// What the disk said last; `nil` when it works.
    private(set) var failure: String?

    init(limits: Limits) {
        self.limits = limits
    }

    private func hasRoom(for bytes: Int) -> Bool {
        let held = shelvedBytes + live.bytes + Int64(queuedBytes + bytes + SegmentHeader.maximumBytes)
        return held <= limits.maximumBytes
    }

    /// Whether no record is on its way to the disk or in the live segment.
    var isEmpty: Bool { live.records == 0 && flight.isEmpty && pending.isEmpty }

    /// Why a record that arrived now would not be written down, as far as that is known.
    var trouble: JournalTrouble? {
        if isClosing { return .closed }
        if isStuck { return .stuck }
        if failure != nil { return .failing }
        return isFull ? .full : nil
    }

    mutating func arrived(
        _ record: [UInt8], time: Timestamp, waiter: Waiter, at now: ContinuousClock.Instant
    ) -> Arrival {
        if isClosing { return turnDown(.closed) }
        if isStuck { return turnDown(.stuck) }
        if let retryAt, now < retryAt { return turnDown(.failing) }
        isFull = !hasRoom(for: record.count)
        if isFull { return turnDown(.full) }
        // After a failure one record tries the disk; those behind it do not wait for it.
        if failure != nil { retryAt = now.advanced(by: limits.retryInterval) }
        let deadline = now.advanced(by: limits.maximumWait)
        pending.append(Entry(bytes: record, time: time, deadline: deadline, waiter: waiter))
        queuedBytes += record.count
        defer { (isWriterAsleep, isWatchAsleep) = (false, false) }
        return .queued(wakesWriter: isWriterAsleep, wakesWatch: isWatchAsleep)
    }

    private mutating func turnDown(_ trouble: JournalTrouble) -> Arrival {
        count(1)
        return .turnedDown(trouble)
    }

    private mutating func count(_ turnedDown: Int) {
        if limits.whenFull == .admit { lost += Int64(turnedDown) }
    }

    /// Whether the writer must be woken.
    mutating func sealWanted() -> Bool {
        guard live.records > 0 || !flight.isEmpty || !pending.isEmpty, !isClosing else { return false }
        wantsSeal = true
        return wakeWriter()
    }

    /// Whether the writer must be woken. What is pending will be written.
    mutating func close() -> Bool {
        isClosing = true
        return wakeWriter()
    }

    private mutating func wakeWriter() -> Bool {
        defer { isWriterAsleep = false }
        return isWriterAsleep
    }

    mutating func nextStep() -> Step {
        if wantsSeal, live.records > 0 {
            wantsSeal = false
            return .seal
        }
        if !pending.isEmpty { return .write(takeGroup()) }
        wantsSeal = false
        if isClosing {
            hasEnded = true
            return .end
        }
        isWriterAsleep = true
        return .sleep
    }

    private mutating func takeGroup() -> RecordGroup {
        var group = RecordGroup()
        var taken = 0
        while taken < pending.count, taken == 0 || group.bytes.count + pending[taken].bytes.count <= limits.groupBytes {
            group.append(pending[taken].bytes, time: pending[taken].time)
            taken += 1
        }
        flight = Array(pending[..<taken])
        pending.removeFirst(taken)
        return group
    }

    /// The group is safe, in a segment that now holds `live`.
    ///
    /// - Returns: those of its callers that still wait.
    mutating func written(live: Live) -> [Waiter] {
        self.live = live
        (isStuck, failure, retryAt) = (false, nil, nil)
        queuedBytes -= flight.reduce(0) { $0 + $1.bytes.count }
        defer { flight = [] }
        return flight.compactMap(\.waiter)
    }

    /// The group could not be written; the segment that now is live, if any, holds `live`.
    ///
    /// - Returns: everybody who waits, and whether the disk worked before.
    mutating func failed(
        _ reason: String, live: Live, at now: ContinuousClock.Instant
    ) -> (waiters: [Waiter], isNews: Bool) {
        self.live = live
        let isNews = failure == nil
        (isStuck, failure, retryAt) = (false, reason, now.advanced(by: limits.retryInterval))
        let waiters = (flight + pending).compactMap(\.waiter)
        (flight, pending, queuedBytes) = ([], [], 0)
        count(waiters.count)
        return (waiters, isNews)
    }

    /// So many records were safe and are so no longer.
    mutating func vanished(_ records: Int) {
        lost += Int64(records)
    }

    /// There is no writer to wake: the next record asks for one again.
    mutating func writerIsMissing() {
        isWriterAsleep = true
    }

    /// The live segment was sealed, or `bytes` were adopted.
    mutating func shelved(_ bytes: Int64, live: Live? = nil) {
        shelvedBytes += bytes
        if let live { self.live = live }
    }

    mutating func removedFromShelf(_ bytes: Int64) {
        shelvedBytes -= bytes
        isFull = false
    }

    /// The watch looks whether somebody waited for too long. Then the disk is stuck, and nobody goes on waiting.
    ///
    /// - Returns: whom to answer, and when to look again; `nil`: when woken.
    mutating func looked(at now: ContinuousClock.Instant) -> (waiters: [Waiter], next: ContinuousClock.Instant?) {
        let first = flight.first { $0.waiter != nil } ?? pending.first { $0.waiter != nil }
        guard let deadline = first?.deadline else {
            isWatchAsleep = true
            return ([], nil)
        }
        guard deadline <= now else { return ([], deadline) }
        isStuck = true
        isWatchAsleep = true
        return (answerAll(), nil)
    }

    private mutating func answerAll() -> [Waiter] {
        let waiters = (flight + pending).compactMap(\.waiter)
        count(waiters.count)
        for index in flight.indices { flight[index].waiter = nil }
        switch limits.whenFull {
        case .admit:
            // They went through: should the disk move again, they get their rows after all.
            for index in pending.indices { pending[index].waiter = nil }
        case .refuse:
            queuedBytes -= pending.reduce(0) { $0 + $1.bytes.count }
            pending = []
        }
        return waiters
    }
}
