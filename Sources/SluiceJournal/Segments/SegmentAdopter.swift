import SluiceCore
import Synchronization

/// Finds segments whose process is gone, and makes them this journal's. Every call may block.
///
/// Each adopted segment keeps a file open, and counts among the bytes that the journal may hold: it adopts no more than there
/// is ``Room`` for, oldest first, and leaves the others for a later look.
struct SegmentAdopter: Sendable {
    let folder: SegmentFolder
    let metrics: any JournalMetrics
    /// Segments left where they are, so that each is reported once.
    private let passedOver = Passed()

    private final class Passed: Sendable {
        let names = Mutex<Set<SegmentName>>([])
    }

    init(folder: SegmentFolder, metrics: any JournalMetrics) {
        self.folder = folder
        self.metrics = metrics
    }

    /// How much more a journal may adopt: half of its bytes stay free for its own calls.
    struct Room {
        static let maximumSegments = 64

        private var segments: Int
        private var bytes: Int64
        /// However large a segment is, one is adopted when nothing else is there.
        private var isShelfEmpty: Bool

        init(besides load: Shelf.Load, maximumBytes: Int64) {
            segments = Self.maximumSegments - load.segments
            bytes = maximumBytes / 2 - load.bytes
            isShelfEmpty = load.segments == 0
        }

        var isUsedUp: Bool { segments <= 0 || bytes <= 0 && !isShelfEmpty }

        mutating func take(_ size: Int) {
            segments -= 1
            bytes -= Int64(size)
            isShelfEmpty = false
        }

        /// Whether there is room for `size` bytes; if not, it is used up, so that no younger segment is adopted instead.
        mutating func admits(_ size: Int) -> Bool {
            if isShelfEmpty || bytes >= Int64(size) { return true }
            bytes = 0
            return false
        }
    }

    /// Segments that were left for a later look.
    struct Left {
        /// There was no room; some may be held by others.
        var forRoom = 0
        /// They could not be opened or read, which was not their own fault.
        var failed = 0
    }

    struct Findings {
        var adopted: [SealedSegment] = []
        /// Segments in the directory that are kept for a person.
        var setAside = 0
        var left = Left()
    }

    func look(_ room: Room) throws(DiskError) -> Findings {
        var room = room
        var findings = Findings()
        var isExhausted = false
        for name in try folder.disk.names(in: folder.path).map(SegmentName.init).sorted() {
            if name.aside != nil {
                findings.setAside += 1
            } else if name.isUnfinished || name.isWaiting {
                if isExhausted {
                    findings.left.failed += 1
                } else {
                    isExhausted = tryToAdopt(name, &room, &findings)
                }
                if passedOver.names.withLock({ $0.contains(name) }) { findings.setAside += 1 }
            }
        }
        return findings
    }

    /// - Returns: whether it is of no use to try others now.
    private func tryToAdopt(_ name: SegmentName, _ room: inout Room, _ findings: inout Findings) -> Bool {
        if room.isUsedUp, name.isWaiting {
            findings.left.forRoom += 1
            return false
        }
        do throws(DiskError) {
            guard let file = try folder.lock(name) else { return false }
            if name.isUnfinished {
                // Its maker died before the first record.
                try folder.remove(name)
                return false
            }
            let size = try file.size()
            guard size <= SegmentFormat.maximumFileBytes else { throw DiskError.tooLarge }
            guard room.admits(size) else {
                findings.left.forRoom += 1
                return false
            }
            guard let segment = try adopt(name, file, size) else { return false }
            room.take(segment.bytes)
            findings.adopted.append(segment)
            return false
        } catch {
            if error.isOfFile {
                passOver(name, reason: "\(error)")
            } else {
                metrics.segmentFailed(name.text, reason: "\(error)")
                findings.left.failed += 1
            }
            return error.isExhaustion
        }
    }

    private func adopt(
        _ name: SegmentName, _ file: any JournalFile, _ size: Int
    ) throws(DiskError) -> SealedSegment? {
        var reader = SegmentReader(try file.read(size, at: 0))
        if let first = reader.damage.first, case .otherVersion = first.kind {
            passOver(name, reason: "\(first)")
            return nil
        }
        var records = 0
        var oldest: Timestamp?
        while let record = reader.next() {
            records += 1
            oldest = earlier(oldest, record.entry.time)
        }
        let sound = reader.soundBytes
        if sound < size {
            metrics.tailCut(segment: name.text, bytes: size - sound)
            try file.truncate(to: sound)
        }
        guard records > 0 || reader.harm != nil else {
            try folder.remove(name)
            return nil
        }
        _ = passedOver.names.withLock { $0.remove(name) }
        return SealedSegment(
            name: name, file: file, replica: reader.header?.replica, bytes: sound, records: records, oldest: oldest,
            harm: reader.harm)
    }

    private func passOver(_ name: SegmentName, reason: String) {
        guard passedOver.names.withLock({ $0.insert(name).inserted }) else { return }
        metrics.setAside(segment: name.text, reason: reason)
    }
}
