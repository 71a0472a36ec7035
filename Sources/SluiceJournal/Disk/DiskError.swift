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
