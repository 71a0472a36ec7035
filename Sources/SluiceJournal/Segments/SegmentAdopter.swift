import SluiceCore
import Synchronization

/// Finds segments whose process is gone, and makes them this journal's. Every call may block.
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

    struct Findings {
        var adopted: [SealedSegment] = []
        /// Segments in the directory that are kept for a person.
        var setAside = 0
    }

    func look() throws(DiskError) -> Findings {
        var findings = Findings()
        for name in try folder.disk.names(in: folder.path).map(SegmentName.init).sorted() {
            if name.aside != nil {
                findings.setAside += 1
            } else if name.isUnfinished || name.isWaiting {
                if let segment = tryToAdopt(name) { findings.adopted.append(segment) }
                if passedOver.names.withLock({ $0.contains(name) }) { findings.setAside += 1 }
            }
        }
        return findings
    }

    private func tryToAdopt(_ name: SegmentName) -> SealedSegment? {
        do throws(DiskError) {
            guard let file = try folder.lock(name) else { return nil }
            if name.isUnfinished {
                // Its maker died before the first record.
                try folder.remove(name)
                return nil
            }
            return try adopt(name, file)
        } catch {
            passOver(name, reason: "\(error)")
            return nil
        }
    }

    private func adopt(_ name: SegmentName, _ file: any JournalFile) throws(DiskError) -> SealedSegment? {
        let size = try file.size()
        guard size <= SegmentFormat.maximumFileBytes else { throw DiskError.tooLarge }
        var reader = SegmentReader(try file.read(size, at: 0))
        if let first = reader.damage.first, case .otherVersion = first.kind {
            passOver(name, reason: "\(first)")
            return nil
        }
        var records = 0
        var oldest: Timestamp?
        while let record = reader.next() {
            records += 1
            oldest = earlier(oldest, record.call.admittedAt)
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
