import Glibc

/// A system call that failed.
struct DiskError: Error, Hashable, Sendable, CustomStringConvertible {
    let operation: String
    let code: Int32

    init(_ operation: String, code: Int32 = errno) {
        self.operation = operation
        self.code = code
    }

    /// A file larger than any segment.
    static var tooLarge: DiskError { DiskError("read", code: EFBIG) }

    /// A file that was deleted while it was written.
    static var vanished: DiskError { DiskError("write", code: ENOENT) }

    /// Whether the process or the system ran out of something, so that other files will not fare better now.
    var isExhaustion: Bool { [EMFILE, ENFILE, ENOMEM].contains(code) }

    /// Whether it is the file that is wrong, and stays so until a person mends it.
    var isOfFile: Bool { [EFBIG, EINVAL, ELOOP, EISDIR, ENXIO, EACCES, EPERM].contains(code) }

    var description: String { "\(operation): \(Self.text(of: code))" }

    private static func text(of code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let start = buffer.baseAddress, strerror_r(code, start, buffer.count) == 0 else {
                return "error \(code)"
            }
            return String(cString: start)
        }
    }
}
