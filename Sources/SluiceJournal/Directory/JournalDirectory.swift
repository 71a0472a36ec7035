import SluiceCore

/// A look at a journal's directory that changes nothing; other processes may use the directory meanwhile. Blocks while it reads.
public struct JournalDirectory: Sendable {
    public let path: String
    private let disk: any JournalDisk

    /// - Throws: ``JournalError/unusableDirectory(_:reason:)`` when there is no such directory or it cannot be read.
    public init(_ path: String) throws(JournalError) {
        try self.init(path, disk: SystemDisk())
    }

    init(_ path: String, disk: any JournalDisk) throws(JournalError) {
        self.path = path
        self.disk = disk
        _ = try names()
    }

    /// Every segment, those set aside included, oldest first. Reads all of them. Ones that vanish meanwhile are left out.
    ///
    /// - Throws: ``JournalError``
    public func segments() throws(JournalError) -> [SegmentReport] {
        var reports: [SegmentReport] = []
        for name in try names() {
            do throws(JournalError) {
                reports.append(try report(of: name))
            } catch {
                guard disk.exists("\(path)/\(name)") else { continue }
                throw error
            }
        }
        return reports
    }

    /// - Parameter name: as ``SegmentReport/name`` says it.
    /// - Throws: ``JournalError/unreadableSegment(_:reason:)``
    public func report(of name: String) throws(JournalError) -> SegmentReport {
        let (bytes, state) = try read(name)
        var reader = SegmentReader(bytes)
        var (records, settlements) = (0, 0)
        var times: (first: Timestamp?, last: Timestamp?)
        while let entry = reader.next()?.entry {
            records += 1
            if case .settlement = entry { settlements += 1 }
            times.first = earlier(times.first, entry.time)
            times.last = max(times.last ?? entry.time, entry.time)
        }
        let isBeingWritten = state == .held || state == .unfinished
        return SegmentReport(
            name: name, state: state, bytes: bytes.count, version: Self.version(reader),
            createdAt: reader.header?.createdAt,
            replica: reader.header?.replica, records: records, settlements: settlements, first: times.first,
            last: times.last,
            damage: reader.damage.filter { !(isBeingWritten && $0.kind == .tornTail) })
    }

    /// Calls `body` with each record of a segment that can be read, in the order of writing.
    ///
    /// - Throws: ``JournalError/unreadableSegment(_:reason:)``, or what `body` throws.
    public func forEachEntry(of name: String, _ body: (JournalEntry) throws -> Void) throws {
        var reader = SegmentReader(try read(name).bytes)
        while let entry = reader.next()?.entry { try body(entry) }
    }

    private func names() throws(JournalError) -> [String] {
        do throws(DiskError) {
            return try disk.names(in: path).filter { Self.state(of: SegmentName($0)) != nil }.sorted()
        } catch {
            throw .unusableDirectory(path, reason: "\(error)")
        }
    }

    private func read(_ name: String) throws(JournalError) -> (bytes: [UInt8], state: SegmentReport.State) {
        guard !name.utf8.contains(UInt8(ascii: "/")), let state = Self.state(of: SegmentName(name)) else {
            throw .unreadableSegment(name, reason: "it is not the name of a segment")
        }
        do throws(DiskError) {
            let file = try disk.open("\(path)/\(name)", forWriting: false)
            let isHeld = state == .waiting ? try isLocked(name) : false
            let size = try file.size()
            guard size <= SegmentFormat.maximumFileBytes else { throw DiskError.tooLarge }
            return (try file.read(size, at: 0), isHeld ? .held : state)
        } catch {
            throw .unreadableSegment(name, reason: "\(error)")
        }
    }

    /// Tried on an open of its own, so that the lock is gone at once.
    private func isLocked(_ name: String) throws(DiskError) -> Bool {
        try !disk.open("\(path)/\(name)", forWriting: false).lock(exclusively: false)
    }

    private static func state(of name: SegmentName) -> SegmentReport.State? {
        if name.isWaiting { return .waiting }
        if name.isUnfinished { return .unfinished }
        switch name.aside {
        case .corrupt: return .corrupt
        case .unknown: return .unknown
        case .rejected: return .rejected
        case nil: return nil
        }
    }

    private static func version(_ reader: SegmentReader) -> UInt16? {
        if case .otherVersion(let version)? = reader.damage.first?.kind { return version }
        return reader.header == nil ? nil : SegmentFormat.version
    }
}
