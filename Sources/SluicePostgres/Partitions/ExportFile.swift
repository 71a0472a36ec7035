import Glibc

/// A file that has its name only when it is whole and on the disk: until then `.part` is after it.
final class ExportFile {
    private let path: String
    private let descriptor: Int32

    /// What an earlier attempt left is overwritten.
    init(_ path: String) throws(ExportError) {
        self.path = path
        descriptor = open(path + ".part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(path, "made") }
    }

    deinit {
        close(descriptor)
    }

    /// Into the system's memory: does not wait for the disk.
    func write(_ bytes: [UInt8]) throws(ExportError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system(path, "written") }
            rest = rest.dropFirst(count)
        }
    }

    func finish() async throws(ExportError) {
        try await DurableFile.settle(path + ".part", as: path)
    }

    /// Takes away what is not whole.
    func discard() {
        unlink(path + ".part")
    }
}
