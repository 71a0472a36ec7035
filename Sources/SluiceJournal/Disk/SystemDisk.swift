import Glibc

/// The file system itself.
struct SystemDisk: JournalDisk {
    func makeDirectory(_ path: String) throws(DiskError) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return try checkIsDirectory(path) }
        guard errno == ENOENT, let parent = Self.parent(of: path) else { throw DiskError("mkdir") }
        try makeDirectory(parent)
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw DiskError("mkdir") }
    }

    private func checkIsDirectory(_ path: String) throws(DiskError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw DiskError("stat") }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw DiskError("mkdir", code: ENOTDIR) }
    }

    private static func parent(of path: String) -> String? {
        var trimmed = path[...]
        while trimmed.last == "/" { trimmed.removeLast() }
        guard let slash = trimmed.lastIndex(of: "/"), slash > trimmed.startIndex else { return nil }
        return String(trimmed[..<slash])
    }

    func names(in directory: String) throws(DiskError) -> [String] {
        guard let stream = opendir(directory) else { throw DiskError("opendir") }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name != "." && name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw DiskError("readdir") }
        return names
    }

    func create(_ path: String) throws(DiskError) -> any JournalFile {
        try SystemFile(path, flags: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
    }

    func open(_ path: String, forWriting: Bool) throws(DiskError) -> any JournalFile {
        try SystemFile(path, flags: (forWriting ? O_RDWR : O_RDONLY) | O_NOFOLLOW)
    }

    func rename(_ path: String, to newPath: String) throws(DiskError) {
        guard Glibc.rename(path, newPath) == 0 else { throw DiskError("rename") }
    }

    func remove(_ path: String) throws(DiskError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw DiskError("unlink") }
    }

    func syncDirectory(_ path: String) throws(DiskError) {
        try SystemFile(path, flags: O_RDONLY | O_DIRECTORY).sync()
    }
}
