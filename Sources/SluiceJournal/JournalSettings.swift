/// Where and how a ``Journal`` keeps calls and settlements.
public struct JournalSettings: Sendable {
    /// What a record outlives once its caller is answered.
    public enum Durability: String, Sendable, CaseIterable {
        /// Synced to the disk: outlives a loss of power.
        case fsync
        /// In the kernel's page cache: outlives `kill -9`, not a loss of power or a crash of the kernel.
        case os
    }

    /// What becomes of calls that the journal cannot take: it is full, or its disk is full, read-only, failing or stuck.
    public enum WhenFull: String, Sendable, CaseIterable {
        /// They go through and are counted as lost.
        case admit
        /// They are turned away.
        case refuse
    }

    /// Made with its parents if it does not exist; several processes may share it.
    public var directory: String
    public var durability: Durability = .fsync
    /// Bytes of all segments that this journal holds, adopted ones included and set-aside ones not; at least 64 KiB. It adopts
    /// only while it holds less than half of that.
    public var maximumBytes: Int64 = 1 << 30
    /// After how many bytes a segment is closed and the next one begun: 4 KiB … 64 MiB.
    public var segmentBytes: Int = 16 << 20
    public var whenFull: WhenFull = .admit
    /// Share of time that replay may keep the database busy, `0.01 … 1`.
    public var replayShare: Double = 0.2
    /// Records brought to the ledger at once, `1 … 1,000`.
    public var replayBatch: Int = 500
    /// Who let the calls through, for the ledger: at most 256 bytes of UTF-8 without U+0000.
    public var replica: String?
    /// How long a caller waits for a disk that is stuck; from then on nobody waits until it moves again.
    public var maximumWait: Duration = .seconds(1)
    /// How often an idle replay looks for segments of processes that are gone.
    public var rescanInterval: Duration = .seconds(30)

    public init(directory: String) {
        self.directory = directory
    }

    /// - Throws: ``JournalError`` naming the setting, its value and what is allowed.
    func validate() throws(JournalError) {
        func check(_ isAllowed: Bool, _ setting: String, _ value: any Sendable, _ allowed: String) throws(JournalError)
        {
            if !isAllowed { throw .invalidSetting(setting, value: "\(value)", allowed: allowed) }
        }
        try check(
            !directory.isEmpty && !directory.utf8.contains(0), "directory", directory, "a path without U+0000")
        try check(maximumBytes >= 65_536, "maximumBytes", maximumBytes, "65536 or more")
        try check((4_096...67_108_864).contains(segmentBytes), "segmentBytes", segmentBytes, "4096 to 67108864")
        try check((0.01...1).contains(replayShare), "replayShare", replayShare, "0.01 to 1")
        try check((1...1_000).contains(replayBatch), "replayBatch", replayBatch, "1 to 1000")
        try check(maximumWait > .zero, "maximumWait", maximumWait, "more than zero")
        try check(rescanInterval > .zero, "rescanInterval", rescanInterval, "more than zero")
        let name = replica ?? ""
        try check(
            name.utf8.count <= SegmentHeader.maximumReplicaBytes && !name.utf8.contains(0), "replica", name,
            "at most \(SegmentHeader.maximumReplicaBytes) bytes without U+0000")
    }
}
