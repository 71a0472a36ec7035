import Glibc
import SluiceCore

/// The directory of a journal: makes, adopts, sets aside and removes segments. Every call may block.
struct SegmentFolder: Sendable {
    let path: String
    let disk: any JournalDisk
    /// Whether files and names must outlive a loss of power.
    let isDurable: Bool
    let owner: UUIDBits
    let replica: String?

    func path(of name: SegmentName, _ suffix: String = "") -> String { "\(path)/\(name.text)\(suffix)" }

    /// A new segment with its header, locked. It gets its name only when it is locked, and an unlocked unfinished one is free
    /// to be removed, so that nobody adopts it in between.
    func make() throws(DiskError) -> LiveSegment {
        for _ in 0..<8 {
            let header = SegmentHeader(owner: owner, createdAt: Self.wallClock(), replica: replica)
            let name = SegmentName.fresh(at: header.createdAt)
            let unfinished = path(of: name, SegmentName.unfinishedSuffix)
            let file = try createAnyhow(unfinished)
            guard try file.lock(exclusively: true), file.isAt(unfinished) else { continue }
            do throws(DiskError) {
                return try finish(file, header, name)
            } catch {
                try? disk.remove(unfinished)
                throw error
            }
        }
        throw DiskError("flock", code: EWOULDBLOCK)
    }

    /// Makes the directory again if somebody removed it.
    private func createAnyhow(_ unfinished: String) throws(DiskError) -> any JournalFile {
        do throws(DiskError) {
            return try disk.create(unfinished)
        } catch {
            guard error.code == ENOENT else { throw error }
            try disk.makeDirectory(path)
            return try disk.create(unfinished)
        }
    }

    private func finish(
        _ file: any JournalFile, _ header: SegmentHeader, _ name: SegmentName
    ) throws(DiskError) -> LiveSegment {
        let bytes = header.encoded
        try file.writeAll(bytes, at: 0)
        if isDurable { try file.sync() }
        try disk.rename(path(of: name, SegmentName.unfinishedSuffix), to: path(of: name))
        if isDurable {
            do throws(DiskError) {
                try disk.syncDirectory(path)
            } catch {
                try? disk.remove(path(of: name))
                throw error
            }
        }
        return LiveSegment(name: name, file: file, replica: replica, bytes: bytes.count)
    }

    /// Whether files can be made here.
    func probe() throws(DiskError) {
        let name = SegmentName.fresh(at: Self.wallClock())
        let unfinished = path(of: name, SegmentName.unfinishedSuffix)
        _ = try disk.create(unfinished)
        try disk.remove(unfinished)
    }

    /// Locks a segment, or an unfinished one; `nil` when another holds it or it is gone.
    func lock(_ name: SegmentName) throws(DiskError) -> (any JournalFile)? {
        let file: any JournalFile
        do throws(DiskError) {
            file = try disk.open(path(of: name), forWriting: true)
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
        guard try file.lock(exclusively: true), file.isAt(path(of: name)) else { return nil }
        return file
    }

    /// A segment whose records are all in the ledger, or an unfinished one. A crash before the directory is synced brings it
    /// back, to be replayed once more.
    func remove(_ name: SegmentName) throws(DiskError) {
        try disk.remove(path(of: name))
        if isDurable { try? disk.syncDirectory(path) }
    }

    func setAside(_ name: SegmentName, as reason: SegmentName.Aside) throws(DiskError) {
        try disk.rename(path(of: name), to: path(of: name, reason.rawValue))
        if isDurable { try? disk.syncDirectory(path) }
    }

    /// A file of calls that came out of `name` and are kept for a person, made anew.
    func putAside(_ bytes: [UInt8], from name: SegmentName, as reason: SegmentName.Aside) throws(DiskError) {
        let path = path(of: name, reason.rawValue)
        try disk.remove(path)
        let file = try disk.create(path)
        try file.writeAll(bytes, at: 0)
        try file.sync()
        try disk.syncDirectory(self.path)
    }

    static func wallClock() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }
}
