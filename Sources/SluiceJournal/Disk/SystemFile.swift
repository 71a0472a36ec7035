import Glibc

/// One open file description.
final class SystemFile: JournalFile {
    private let descriptor: Int32

    /// Not inherited by child processes, which would keep the lock.
    init(_ path: String, flags: Int32) throws(DiskError) {
        let descriptor = Self.retrying { Glibc.open(path, flags | O_CLOEXEC | O_NONBLOCK, 0o600) }
        guard descriptor >= 0 else { throw DiskError("open") }
        self.descriptor = descriptor
    }

    deinit {
        // Closing is not enough: a child process between its fork and its exec has the description too, and with it the lock.
        _ = flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    func lock(exclusively: Bool) throws(DiskError) -> Bool {
        let operation = (exclusively ? LOCK_EX : LOCK_SH) | LOCK_NB
        if Self.retrying({ flock(self.descriptor, operation) }) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw DiskError("flock") }
        return false
    }

    func isAt(_ path: String) -> Bool {
        var here = stat()
        var there = stat()
        guard fstat(descriptor, &here) == 0, lstat(path, &there) == 0 else { return false }
        return here.st_dev == there.st_dev && here.st_ino == there.st_ino
    }

    func isGone(from path: String?) -> Bool {
        var here = stat()
        guard fstat(descriptor, &here) == 0 else { return false }
        guard here.st_nlink > 0 else { return true }
        guard let path else { return false }
        var there = stat()
        guard lstat(path, &there) == 0 else { return errno == ENOENT || errno == ENOTDIR }
        return here.st_dev != there.st_dev || here.st_ino != there.st_ino
    }

    func size() throws(DiskError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw DiskError("fstat") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw DiskError("open", code: EINVAL) }
        return Int(status.st_size)
    }

    func read(_ count: Int, at offset: Int) throws(DiskError) -> [UInt8] {
        var failure: DiskError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            while done < count {
                let position = done
                let got = Self.retrying {
                    pread(
                        self.descriptor, buffer.baseAddress.map { $0 + position }, count - position,
                        off_t(offset + position))
                }
                if got < 0 { failure = DiskError("read") }
                guard got > 0 else { return }
                done += got
            }
        }
        if let failure { throw failure }
        return bytes
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DiskError) -> Int {
        let count = Self.retrying { pwrite(self.descriptor, bytes.baseAddress, bytes.count, off_t(offset)) }
        guard count > 0 else { throw DiskError("write", code: count == 0 ? ENOSPC : errno) }
        return count
    }

    func sync() throws(DiskError) {
        guard Self.retrying({ fdatasync(self.descriptor) }) == 0 else { throw DiskError("fdatasync") }
    }

    func truncate(to size: Int) throws(DiskError) {
        guard Self.retrying({ ftruncate(self.descriptor, off_t(size)) }) == 0 else { throw DiskError("ftruncate") }
    }

    /// Again as long as a signal interrupts.
    private static func retrying<Value: SignedInteger>(_ call: () -> Value) -> Value {
        while true {
            let value = call()
            if value != -1 || errno != EINTR { return value }
        }
    }
}
