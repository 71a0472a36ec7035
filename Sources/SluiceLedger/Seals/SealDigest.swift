import Crypto

/// SHA-256 in lower-case hexadecimal, as seals have it.
public struct SealDigest: Sendable {
    private var hash = SHA256()

    public init() {}

    public mutating func update(_ bytes: some Sequence<UInt8>) {
        hash.update(data: Array(bytes))
    }

    public mutating func update(_ bytes: [UInt8]) {
        hash.update(data: bytes)
    }

    public consuming func hexadecimal() -> String {
        Self.hexadecimal(hash.finalize())
    }

    /// Of lines, each with its line feed.
    static func of(lines: some Sequence<String>) -> String {
        var digest = SealDigest()
        for line in lines { digest.update("\(line)\n".utf8) }
        return digest.hexadecimal()
    }

    /// What the first seal has as the chain before it.
    static let zeros = String(repeating: "0", count: 64)

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
