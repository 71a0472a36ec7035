import SluiceCore

/// The segment that is being written: used by the writer's thread alone.
struct LiveSegment {
    let name: SegmentName
    let file: any JournalFile
    let replica: String?
    /// Up to the end of the last record that is safe.
    private(set) var bytes: Int
    private(set) var records = 0
    private(set) var oldest: Timestamp?

    init(name: SegmentName, file: any JournalFile, replica: String?, bytes: Int) {
        self.name = name
        self.file = file
        self.replica = replica
        self.bytes = bytes
    }

    /// - Throws: ``DiskError``; what is in the file past ``bytes`` is unknown then.
    mutating func append(_ group: RecordGroup, syncing: Bool) throws(DiskError) {
        try file.writeAll(group.bytes, at: bytes)
        if syncing { try file.sync() }
        bytes += group.bytes.count
        records += group.count
        oldest = earlier(oldest, group.oldest)
    }

    /// To be replayed.
    var sealed: SealedSegment {
        SealedSegment(name: name, file: file, replica: replica, bytes: bytes, records: records, oldest: oldest)
    }
}
