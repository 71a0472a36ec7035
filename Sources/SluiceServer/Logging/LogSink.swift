import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes whole lines to a file descriptor, one at a time whoever writes. A line that cannot be written is dropped.
public final class LogSink: Sendable {
    /// Standard error, where logs do not mix with what a command prints.
    public static let standardError = LogSink(fileDescriptor: STDERR_FILENO)

    private let fileDescriptor: Mutex<Int32>

    /// - Parameter fileDescriptor: stays the caller's to close.
    public init(fileDescriptor: Int32) {
        self.fileDescriptor = Mutex(fileDescriptor)
    }

    func write(_ line: [UInt8]) {
        fileDescriptor.withLock { fileDescriptor in
            var rest = line[...]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes { systemWrite(fileDescriptor, $0) }
                if written > 0 { rest = rest.dropFirst(written) } else if errno != EINTR { return }
            }
        }
    }
}

private func systemWrite(_ fileDescriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(fileDescriptor, bytes.baseAddress, bytes.count)
}
