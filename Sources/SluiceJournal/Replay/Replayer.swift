import SluiceCore
import Synchronization

/// Goes over the shelf and brings what is there to a ledger.
struct Replayer: Sendable {
    let folder: SegmentFolder
    let shelf: Shelf
    let writer: JournalWriter
    let metrics: any JournalMetrics
    let setAside: SetAsideCount

    /// How a pass over the shelf came to its end.
    enum End {
        /// Nothing is left.
        case idle
        /// What is left is to be brought again: busy users, or a ledger or a disk that failed.
        case again(StoreError.Kind?)
        /// No longer wanted, cancelled, or out of time.
        case stopped
    }

    /// What a pass may do.
    struct Terms: Sendable {
        let ledger: any JournalLedger
        /// `nil`: for as long as it takes, with pauses.
        var deadline: ContinuousClock.Instant?
        var isWanted: @Sendable () -> Bool = { true }

        var mayGoOn: Bool {
            !Task.isCancelled && isWanted() && deadline.map { ContinuousClock.now < $0 } ?? true
        }
    }

    func pass(_ terms: Terms, pace: inout ReplayPace, counts: inout ReplayCounts) async -> End {
        var end = End.idle
        var last: SegmentName?
        while let segment = shelf.takeOut(after: last) {
            last = segment.name
            switch await replay(segment, terms, pace: &pace, counts: &counts) {
            case .idle: break
            case .again(nil): end = .again(nil)
            case .again(let kind?): return .again(kind)
            case .stopped: return .stopped
            }
        }
        return end
    }

    private func replay(
        _ segment: SealedSegment, _ terms: Terms, pace: inout ReplayPace, counts: inout ReplayCounts
    ) async -> End {
        let file = segment.file
        let read = await BlockingThread.run { () -> Result<[UInt8], DiskError> in
            Result { () throws(DiskError) in try file.read(segment.bytes, at: 0) }
        }
        let bytes: [UInt8]
        do {
            bytes = try read.get()
        } catch {
            metrics.segmentFailed(segment.name.text, reason: "\(error)")
            shelf.putBack(segment)
            return .again(nil)
        }
        var replay = SegmentReplay(segment, bytes: bytes)
        let end = await bringAll(of: &replay, terms, pace: &pace, counts: &counts)
        guard replay.isComplete else {
            shelf.putBack(replay.interrupted)
            return end
        }
        return await finish(replay)
    }

    private func bringAll(
        of replay: inout SegmentReplay, _ terms: Terms, pace: inout ReplayPace, counts: inout ReplayCounts
    ) async -> End {
        let courier = LedgerCourier(
            ledger: terms.ledger, replica: replay.segment.replica, deadline: terms.deadline)
        while terms.mayGoOn {
            let entries = replay.nextBatch(pace.batch)
            if entries.isEmpty { return replay.isComplete ? .idle : .again(nil) }
            let start = ContinuousClock.now
            do throws(StoreError) {
                let fates = try await courier.bring(entries)
                let took = start.duration(to: .now)
                let outcome = ReplayCounts(replay.ended(fates))
                shelf.update(replay.segment)
                counts += outcome
                metrics.replayed(outcome, duration: took)
                let pause = pace.succeeded(after: took)
                if terms.deadline == nil { _ = try? await Task.sleep(for: pause) }
            } catch {
                counts.failure = error
                metrics.replayFailed(error)
                // What is wrong with these records alone does not hold up other segments.
                return .again(error.isOutage || error.kind == .closed ? error.kind : nil)
            }
        }
        return .stopped
    }

    /// Every record has its row or was rejected: deletes the segment, or sets it aside if it holds something else.
    private func finish(_ replay: SegmentReplay) async -> End {
        let folder = folder
        let segment = replay.segment
        let aside = segment.harm.map { harm -> SegmentName.Aside in
            if case .unknownRecord = harm.kind { .unknown } else { .corrupt }
        }
        let failure = await BlockingThread.run { () -> DiskError? in
            do throws(DiskError) {
                if let rejected = replay.rejected {
                    try folder.putAside(rejected, from: segment.name, as: .rejected)
                }
                if let aside { try folder.setAside(segment.name, as: aside) } else { try folder.remove(segment.name) }
                return nil
            } catch {
                return error
            }
        }
        if let failure {
            metrics.segmentFailed(segment.name.text, reason: "\(failure)")
            shelf.putBack(replay.interrupted)
            return .again(nil)
        }
        writer.removeFromShelf(segment)
        report(segment)
        return .idle
    }

    private func report(_ segment: SealedSegment) {
        if let harm = segment.harm {
            setAside.add(1)
            metrics.setAside(segment: segment.name.text, reason: "\(harm)")
        }
        if !segment.progress.rejected.isEmpty {
            setAside.add(1)
            let count = segment.progress.rejected.count
            metrics.setAside(segment: segment.name.text, reason: "the ledger takes \(count) of its records never")
        }
    }
}

/// How many segments are kept for a person.
final class SetAsideCount: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int {
        get { count.load(ordering: .relaxed) }
        set { count.store(newValue, ordering: .relaxed) }
    }

    func add(_ more: Int) {
        count.wrappingAdd(more, ordering: .relaxed)
    }
}
