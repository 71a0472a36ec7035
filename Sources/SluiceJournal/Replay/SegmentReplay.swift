import SluiceCore

/// One segment on its way into the ledger: what to bring next, and what its end is.
///
/// Pure: whoever drives it brings ``nextBatch(_:)`` and tells the fates.
struct SegmentReplay {
    private(set) var segment: SealedSegment
    private var reader: SegmentReader
    /// Busy the last time, to be brought once more.
    private var retries: ArraySlice<Int>
    private var batch: [SegmentReader.Record] = []
    private var isAtEnd = false

    init(_ segment: SealedSegment, bytes: [UInt8]) {
        self.segment = segment
        reader = SegmentReader(bytes)
        reader.seek(to: segment.progress.offset)
        retries = segment.progress.again[...]
        self.segment.progress.again = []
        if bytes.count < segment.bytes, segment.harm == nil {
            self.segment.harm = SegmentDamage(offset: bytes.count, kind: .badRecord)
        }
    }

    /// Up to `size` records, busy ones of the last time first; the same again if it is asked for before ``ended(_:)``. Empty when
    /// everything was brought once.
    mutating func nextBatch(_ size: Int) -> [JournalEntry] {
        if batch.count > size {
            // It was too much at once; the rest is still to be read.
            retries = batch[size...].map(\.offset) + retries
            batch.removeLast(batch.count - size)
        }
        while batch.count < size, let offset = retries.popFirst() {
            if let entry = reader.entry(at: offset) {
                batch.append(.init(offset: offset, entry: entry))
            } else {
                segment.harm = segment.harm ?? SegmentDamage(offset: offset, kind: .badRecord)
            }
        }
        while batch.count < size, !isAtEnd {
            guard let record = reader.next() else {
                isAtEnd = true
                segment.harm = segment.harm ?? reader.harm
                break
            }
            batch.append(record)
        }
        return batch.map(\.entry)
    }

    /// The ledger answered for the batch.
    ///
    /// A settlement without a call is brought again as long as others of the segment are busy: its call may be among them.
    ///
    /// - Returns: the fates, those without a call decided.
    @discardableResult
    mutating func ended(_ fates: [LedgerCourier.Fate]) -> [LedgerCourier.Fate] {
        let mayFindCall =
            fates.contains(.busy)
            || (segment.progress.again + retries).contains { !segment.progress.withoutCall.contains($0) }
        for (record, fate) in zip(batch, fates) where fate == .noCall {
            segment.progress.withoutCall.insert(record.offset)
        }
        let fates = fates.map { $0 == .noCall ? (mayFindCall ? .busy : .rejected) : $0 }
        for (record, fate) in zip(batch, fates) {
            switch fate {
            case .busy: segment.progress.again.append(record.offset)
            case .rejected: segment.progress.rejected.append(record.offset)
            case .recorded, .settled, .known, .noCall: break
            }
            if fate != .busy { segment.records -= 1 }
        }
        batch = []
        return fates
    }

    /// Whether every record has its row or was rejected.
    var isComplete: Bool { isAtEnd && batch.isEmpty && retries.isEmpty && segment.progress.again.isEmpty }

    /// As it is to be kept when the replay is broken off: what was not brought is brought the next time.
    var interrupted: SealedSegment {
        var segment = segment
        segment.progress.offset = reader.offset
        segment.progress.again += batch.map(\.offset) + retries
        segment.harm = segment.harm ?? reader.harm
        return segment
    }

    /// A segment of the records that the ledger never takes; `nil` if there are none.
    var rejected: [UInt8]? {
        let entries = segment.progress.rejected.compactMap(reader.entry(at:))
        guard !entries.isEmpty else { return nil }
        let header =
            reader.header
            ?? SegmentHeader(owner: .init(high: 0, low: 0), createdAt: SegmentFolder.wallClock(), replica: nil)
        return entries.reduce(into: header.encoded) { $0 += $1.encoded }
    }
}
