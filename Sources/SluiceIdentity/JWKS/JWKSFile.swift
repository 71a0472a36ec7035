import Glibc

/// Reads a key set from a file.
enum JWKSFile {
    /// At most a byte more than a key set may have, so that a longer one is seen to be too long.
    static func read(_ path: String) throws(JWKSError) -> [UInt8] {
        // Without waiting, since the path may name a pipe that nobody writes to.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path: path, code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable(path: path, code: EINVAL) }
        return try read(descriptor, path)
    }

    private static func read(_ descriptor: Int32, _ path: String) throws(JWKSError) -> [UInt8] {
        let limit = KeySet.maximumBytes + 1
        var document: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while document.count < limit {
            let wanted = min(buffer.count, limit - document.count)
            let got = Glibc.read(descriptor, &buffer, wanted)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .unreadable(path: path, code: errno) }
            if got == 0 { break }
            document.append(contentsOf: buffer[..<got])
        }
        return document
    }
}
