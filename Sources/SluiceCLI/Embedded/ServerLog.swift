import FoundationEssentials
import Glibc

/// The log file of a child.
struct ServerLog: Sendable {
    let path: String

    /// Bytes beyond which a start begins a new file. One older file is kept.
    static let limit = 16 << 20

    /// Moves a long log aside. Only at a start: the server writes to the file that it was given.
    func rotate() throws(EmbeddedPostgresError) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_size > Self.limit else { return }
        guard rename(path, "\(path).1") == 0 else {
            throw EmbeddedPostgresError("\(path) cannot be moved aside: \(String(cString: strerror(errno)))")
        }
    }

    /// The last lines, for a message about a failure.
    func tail(lines: Int) -> String {
        guard let handle = open() else { return "" }
        defer { fclose(handle) }
        fseek(handle, 0, SEEK_END)
        fseek(handle, max(0, ftell(handle) - 64 * 1_024), SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: 64 * 1_024)
        let count = fread(&bytes, 1, bytes.count, handle)
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        return text.split(separator: "\n").suffix(lines).joined(separator: "\n")
    }

    private func open() -> UnsafeMutablePointer<FILE>? { fopen(path, "re") }
}
