import SluiceCore

/// Puts groups into segments: one after the other, a fresh one after each failure. Used by the writer's thread alone.
struct SegmentAppender {
    let folder: SegmentFolder
    let segmentBytes: Int
    /// Those that came to their end, for whoever asks with ``takeSealed()``.
    private var sealed: [SealedSegment] = []
    private var live: LiveSegment?
    private var vanished: [Vanished] = []
    private let presenceInterval: Duration
    private var nextLook = ContinuousClock.now

    /// A segment that was deleted or moved away while it was live.
    struct Vanished {
        let name: SegmentName
        let records: Int
    }

    init(folder: SegmentFolder, segmentBytes: Int, presenceInterval: Duration) {
        self.presenceInterval = presenceInterval
        self.folder = folder
        self.segmentBytes = segmentBytes
    }

    var load: (bytes: Int64, records: Int, oldest: Timestamp?) {
        (Int64(live?.bytes ?? 0), live?.records ?? 0, live?.oldest)
    }

    mutating func takeSealed() -> [SealedSegment] {
        defer { sealed = [] }
        return sealed
    }

    mutating func takeVanished() -> [Vanished] {
        defer { vanished = [] }
        return vanished
    }

    /// When ``checkPresence()`` is due; `nil` while there is nothing to lose.
    var nextCheck: ContinuousClock.Instant? { live.map(\.records) ?? 0 > 0 ? nextLook : nil }

    /// Gives the live segment up if it vanished.
    mutating func checkPresence() {
        guard let live, isGone(live) else { return }
        vanished.append(Vanished(name: live.name, records: live.records))
        abandon()
    }

    /// Whether the file was deleted, and now and then, whether it still has its name: that costs a walk through the folders.
    private mutating func isGone(_ segment: LiveSegment) -> Bool {
        guard nextLook <= .now else { return segment.file.isGone(from: nil) }
        nextLook = .now.advanced(by: presenceInterval)
        return segment.file.isGone(from: folder.path(of: segment.name))
    }

    /// - Throws: ``DiskError`` when the group is not safe, after one more try in a fresh segment if it failed in an old one.
    mutating func append(_ group: RecordGroup) throws(DiskError) {
        if let live, live.records > 0, live.bytes + group.bytes.count > segmentBytes { seal() }
        let isOld = live != nil
        do throws(DiskError) {
            try write(group)
        } catch {
            abandon()
            guard isOld else { throw error }
            do throws(DiskError) {
                try write(group)
            } catch {
                abandon()
                throw error
            }
        }
    }

    private mutating func write(_ group: RecordGroup) throws(DiskError) {
        var segment: LiveSegment
        if let live { segment = live } else { segment = try folder.make() }
        // Known from here on, so that a failure finds it.
        live = segment
        try segment.append(group, syncing: folder.isDurable)
        guard !isGone(segment) else {
            vanished.append(Vanished(name: segment.name, records: segment.records - group.count))
            throw DiskError.vanished
        }
        live = segment
    }

    mutating func seal() {
        guard let live, live.records > 0 else { return }
        sealed.append(live.sealed)
        self.live = nil
    }

    /// The file is not trusted any more: what was safe in it is kept, what came after is cut if that can be done. One that
    /// vanished can be replayed all the same, as long as it is open.
    private mutating func abandon() {
        guard let live else { return }
        self.live = nil
        if live.records == 0 {
            try? folder.remove(live.name)
        } else {
            try? live.file.truncate(to: live.bytes)
            sealed.append(live.sealed)
        }
    }

    /// Syncs what was not, and unlocks.
    mutating func finish() {
        if !folder.isDurable { try? live?.file.sync() }
        live = nil
    }
}
