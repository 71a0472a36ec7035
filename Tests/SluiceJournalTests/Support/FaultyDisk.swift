import Glibc
import Synchronization

@testable import SluiceJournal

/// The real disk, until it is told to fail.
final class FaultyDisk: JournalDisk {
    struct Faults {
        /// Fails every `write`.
        var write: Int32?
        /// Fails every `fdatasync` of a file.
        var sync: Int32?
        /// Fails the next `fdatasync` of a file.
        var failsSyncOnce: Int32?
        /// Fails every `ftruncate`.
        var truncate: Int32?
        /// Fails making files.
        var create: Int32?
        /// Fails opening files.
        var open: Int32?
        /// Fails removing files.
        var remove: Int32?
        /// Writes only so much at a time.
        var shortWrite: Int?
        /// Bytes until the disk is full.
        var room: Int?
        var syncHangs = false
    }

    let faults = Mutex(Faults())
    let creations = Atomic<Int>(0)
    private let disk = SystemDisk()
    private let hang = Semaphore()
    private let hanging = Semaphore()

    func set(_ change: (inout sending Faults) -> Void) {
        faults.withLock { change(&$0) }
    }

    /// Ends a hang.
    func release() {
        set { $0.syncHangs = false }
        hang.signal()
    }

    /// Until a sync hangs.
    func waitForHang() async {
        await BlockingThread.run { _ = self.hanging.wait() }
    }

    fileprivate func check(_ fault: KeyPath<Faults, Int32?>, _ operation: String) throws(DiskError) {
        if let code = faults.withLock({ $0[keyPath: fault] }) { throw DiskError(operation, code: code) }
    }

    fileprivate func sync() throws(DiskError) {
        if faults.withLock({ $0.syncHangs }) {
            hanging.signal()
            hang.wait()
        }
        if let code = faults.withLock({ $0.failsSyncOnce.take() }) { throw DiskError("fdatasync", code: code) }
        try check(\.sync, "fdatasync")
    }

    /// How many of `count` bytes may be written.
    fileprivate func allowance(_ count: Int) throws(DiskError) -> Int {
        try check(\.write, "write")
        let allowed = faults.withLock { faults in
            let allowed = min(count, faults.shortWrite ?? count, faults.room ?? count)
            if let room = faults.room { faults.room = room - allowed }
            return allowed
        }
        guard allowed > 0 else { throw DiskError("write", code: ENOSPC) }
        return allowed
    }

    func makeDirectory(_ path: String) throws(DiskError) { try disk.makeDirectory(path) }
    func names(in directory: String) throws(DiskError) -> [String] { try disk.names(in: directory) }
    func rename(_ path: String, to newPath: String) throws(DiskError) { try disk.rename(path, to: newPath) }
    func syncDirectory(_ path: String) throws(DiskError) { try disk.syncDirectory(path) }

    func remove(_ path: String) throws(DiskError) {
        try check(\.remove, "unlink")
        try disk.remove(path)
    }

    func create(_ path: String) throws(DiskError) -> any JournalFile {
        creations.wrappingAdd(1, ordering: .relaxed)
        try check(\.create, "open")
        return FaultyFile(try disk.create(path), self)
    }

    func open(_ path: String, forWriting: Bool) throws(DiskError) -> any JournalFile {
        try check(\.open, "open")
        return FaultyFile(try disk.open(path, forWriting: forWriting), self)
    }
}

private final class FaultyFile: JournalFile {
    private let file: any JournalFile
    private let disk: FaultyDisk

    init(_ file: any JournalFile, _ disk: FaultyDisk) {
        self.file = file
        self.disk = disk
    }

    func lock(exclusively: Bool) throws(DiskError) -> Bool { try file.lock(exclusively: exclusively) }
    func isAt(_ path: String) -> Bool { file.isAt(path) }
    func isGone(from path: String?) -> Bool { file.isGone(from: path) }
    func size() throws(DiskError) -> Int { try file.size() }
    func read(_ count: Int, at offset: Int) throws(DiskError) -> [UInt8] { try file.read(count, at: offset) }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DiskError) -> Int {
        let count = try disk.allowance(bytes.count)
        return try file.write(UnsafeRawBufferPointer(rebasing: bytes.prefix(count)), at: offset)
    }

    func sync() throws(DiskError) {
        try disk.sync()
        try file.sync()
    }

    func truncate(to size: Int) throws(DiskError) {
        try disk.check(\.truncate, "ftruncate")
        try file.truncate(to: size)
    }
}
