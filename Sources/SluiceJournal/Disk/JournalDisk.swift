/// What the journal asks of the file system. Every call may block.
protocol JournalDisk: Sendable {
    /// Makes the directory and its parents, for this user alone, if it does not exist.
    func makeDirectory(_ path: String) throws(DiskError)
    /// The names in a directory, in no order.
    func names(in directory: String) throws(DiskError) -> [String]
    /// A new, empty file that only this user may read and write; fails if the name is taken.
    func create(_ path: String) throws(DiskError) -> any JournalFile
    /// An existing file.
    func open(_ path: String, forWriting: Bool) throws(DiskError) -> any JournalFile
    func rename(_ path: String, to newPath: String) throws(DiskError)
    func remove(_ path: String) throws(DiskError)
    /// Makes names that were added, changed or removed outlive a loss of power.
    func syncDirectory(_ path: String) throws(DiskError)
}

/// An open file, closed, and with that unlocked, when it is let go of.
protocol JournalFile: AnyObject, Sendable {
    /// Locks the file against every other open of it, in this process too. False when another holds a lock.
    func lock(exclusively: Bool) throws(DiskError) -> Bool
    /// Whether `path` names this file, and not another one or none.
    func isAt(_ path: String) -> Bool
    /// Whether the file was deleted or, if `path` is given, is known not to be there any more.
    func isGone(from path: String?) -> Bool
    func size() throws(DiskError) -> Int
    /// Fewer bytes than `count` only at the end of the file.
    func read(_ count: Int, at offset: Int) throws(DiskError) -> [UInt8]
    /// - Returns: how many bytes were written: perhaps fewer than all, at least one.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DiskError) -> Int
    func sync() throws(DiskError)
    func truncate(to size: Int) throws(DiskError)
}

extension JournalFile {
    func writeAll(_ bytes: [UInt8], at offset: Int) throws(DiskError) {
        var done = 0
        while done < bytes.count {
            let start = done
            var outcome = Result<Int, DiskError>.success(0)
            bytes.withUnsafeBytes { buffer in
                let rest = UnsafeRawBufferPointer(rebasing: buffer[start...])
                outcome = Result { () throws(DiskError) in try self.write(rest, at: offset + start) }
            }
            done += try outcome.get()
        }
    }
}

extension JournalDisk {
    func exists(_ path: String) -> Bool {
        (try? open(path, forWriting: false)) != nil
    }
}
