import FoundationEssentials
import Glibc

/// The key that `sluice up` makes once and keeps for the next time.
struct ServiceKeyFile: Sendable {
    let path: String

    /// The kept key, or a new one of 256 random bits.
    ///
    /// - Throws: ``CommandError`` when the file cannot be read or written, or holds something else.
    func key() throws(CommandError) -> String {
        if let kept = try? String(contentsOfFile: path, encoding: .utf8) {
            let key = String(kept.prefix { $0 != "\n" })
            guard key.utf8.count >= 32, key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw CommandError(.unavailable, "\(path) does not hold a key of 32 characters or more: remove it")
            }
            return key
        }
        let key = Self.makeKey()
        try write(key)
        return key
    }

    /// The system's generator is fit for keys.
    private static func makeKey() -> String {
        var generator = SystemRandomNumberGenerator()
        let words = (0..<4).map { _ in String(generator.next() as UInt64, radix: 16) }
        return words.map { String(repeating: "0", count: 16 - $0.count) + $0 }.joined()
    }

    /// Readable by this account alone from the first moment.
    private func write(_ key: String) throws(CommandError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        let line = key + "\n"
        guard line.withCString({ Glibc.write(descriptor, $0, strlen($0)) }) == line.utf8.count else { throw failure() }
    }

    private func failure() -> CommandError {
        CommandError(.unavailable, "\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}
