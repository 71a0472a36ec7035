import SluiceCore

/// Reads the records of a segment, past damage where sound records follow it, and says what was damaged.
struct SegmentReader {
    struct Record: Hashable {
        let offset: Int
        let entry: JournalEntry
    }

    let header: SegmentHeader?
    /// In the order of offsets; complete once ``next()`` returned `nil`.
    private(set) var damage: [SegmentDamage] = []
    private let bytes: [UInt8]
    /// Up to where it was read.
    private(set) var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        let parse = bytes.withUnsafeBytes { SegmentHeader.parse($0) }
        if case .valid(let header, let length) = parse {
            self.header = header
            offset = length
            return
        }
        header = nil
        switch parse {
        case .newer(let version):
            damage = [SegmentDamage(offset: 0, kind: .otherVersion(version))]
            offset = bytes.count
        case .incomplete where firstRecord(from: 0) == nil:
            damage = [SegmentDamage(offset: 0, kind: .tornTail)]
            offset = bytes.count
        case .incomplete, .wrong, .valid:
            let isEmpty = bytes.allSatisfy { $0 == 0 }
            damage = [SegmentDamage(offset: 0, kind: isEmpty ? .tornTail : .badHeader)]
            offset = firstRecord(from: 0) ?? bytes.count
        }
    }

    /// Where the sound part ends if all that is wrong is a torn tail; else the whole length.
    var soundBytes: Int {
        guard damage.count == 1, let only = damage.first, only.kind == .tornTail else { return bytes.count }
        return only.offset
    }

    /// What is wrong besides a torn tail.
    var harm: SegmentDamage? { damage.first { $0.kind != .tornTail } }

    /// Goes on at a record that was read before.
    mutating func seek(to offset: Int) {
        self.offset = max(offset, self.offset)
    }

    /// The record at `offset`, which was read before.
    func entry(at offset: Int) -> JournalEntry? {
        bytes.withUnsafeBytes { bytes in
            Self.payload(in: bytes, at: offset).flatMap(JournalEntry.decode)
        }
    }

    mutating func next() -> Record? {
        while offset < bytes.count {
            let start = offset
            let (kind, entry, end) = bytes.withUnsafeBytes { Self.read($0, at: start) }
            offset = end ?? firstRecord(from: start + 1) ?? bytes.count
            if let entry { return Record(offset: start, entry: entry) }
            guard let kind else { continue }
            // Where sound records follow, it is not the tail.
            let isTail = end != nil || offset == bytes.count
            damage.append(SegmentDamage(offset: start, kind: isTail ? kind : .badRecord))
        }
        return nil
    }

    private static func read(
        _ bytes: UnsafeRawBufferPointer, at offset: Int
    ) -> (damage: SegmentDamage.Kind?, entry: JournalEntry?, end: Int?) {
        guard let payload = payload(in: bytes, at: offset) else {
            return (isTorn(bytes, at: offset) ? .tornTail : .badRecord, nil, nil)
        }
        let end = offset + SegmentFormat.frameBytes + payload.count
        if let entry = JournalEntry.decode(payload) { return (nil, entry, end) }
        let type = payload.first ?? 0
        return (SegmentFormat.RecordType.all.contains(type) ? .badRecord : .unknownRecord(type), nil, end)
    }

    private static func payload(in bytes: UnsafeRawBufferPointer, at offset: Int) -> UnsafeRawBufferPointer? {
        guard let length = Frame.length(in: bytes, at: offset) else { return nil }
        return Frame.payload(in: bytes, at: offset, length: length)
    }

    /// Whether what is wrong at `offset`, up to the end of the file, is a write that was never completed rather than one
    /// that was changed afterwards. A flipped bit is never taken for it: it leaves the end mark in its place and, in the
    /// length, a record that is sound when read to the end of the file.
    private static func isTorn(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        guard let length = Frame.length(in: bytes, at: offset), bytes.last != 0 else { return true }
        let rest = bytes.count - offset - SegmentFormat.frameBytes
        guard length > rest, SegmentFormat.payloadBytes.contains(length) else { return false }
        return Frame.payload(in: bytes, at: offset, length: rest) == nil
    }

    /// Where the next sound record of a known type begins: found by trying every offset.
    private func firstRecord(from start: Int) -> Int? {
        bytes.withUnsafeBytes { bytes in
            (start..<max(start, bytes.count)).first { offset in
                let typeOffset = offset + SegmentFormat.frameBytes
                guard typeOffset < bytes.count, SegmentFormat.RecordType.all.contains(bytes[typeOffset]),
                    let payload = Self.payload(in: bytes, at: offset)
                else { return false }
                return JournalEntry.decode(payload) != nil
            }
        }
    }
}
