import NIOCore

/// Replaces a secret with as many asterisks in bytes that go by, however they are cut.
///
/// The length stays the same. It holds back no more than the beginning of a secret that the bytes end with.
struct KeyMask {
    private let secret: [UInt8]
    private var held: [UInt8] = []

    init(_ key: UpstreamKey?) {
        secret = key.map { Array($0.secret.utf8) } ?? []
    }

    mutating func take(_ bytes: ByteBuffer) -> ByteBuffer {
        guard !secret.isEmpty else { return bytes }
        var all = held + Array(bytes.readableBytesView)
        Self.mask(secret, in: &all)
        let count = heldBack(of: all)
        held = Array(all.suffix(count))
        return ByteBuffer(bytes: all.dropLast(count))
    }

    mutating func finish() -> ByteBuffer {
        defer { held = [] }
        return ByteBuffer(bytes: held)
    }

    static func contains(_ key: UpstreamKey?, in text: String) -> Bool {
        guard let key else { return false }
        var bytes = Array(text.utf8)
        return mask(Array(key.secret.utf8), in: &bytes)
    }

    @discardableResult
    private static func mask(_ secret: [UInt8], in bytes: inout [UInt8]) -> Bool {
        var start = 0
        var isFound = false
        while start + secret.count <= bytes.count {
            if bytes[start] == secret[0], bytes[start..<start + secret.count].elementsEqual(secret) {
                bytes.replaceSubrange(
                    start..<start + secret.count, with: repeatElement(UInt8(ascii: "*"), count: secret.count))
                isFound = true
                start += secret.count
            } else {
                start += 1
            }
        }
        return isFound
    }

    /// How many of the last bytes are the longest beginning of the secret.
    private func heldBack(of bytes: [UInt8]) -> Int {
        let most = min(secret.count - 1, bytes.count)
        return stride(from: most, to: 0, by: -1).first { bytes.suffix($0).elementsEqual(secret.prefix($0)) } ?? 0
    }
}
