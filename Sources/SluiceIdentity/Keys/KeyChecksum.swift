/// The last characters of a key, which tell a mistyped key from an unknown one without asking anybody. No secret and no protection:
/// the CRC-32 (IEEE 802.3) of what stands before them, in base 62.
enum KeyChecksum {
    static let length = 6
    static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// 6 characters, the most significant first: 62⁶ is more than 2³².
    static func of(_ text: some Sequence<UInt8>) -> [UInt8] {
        var rest = Int(crc32(text))
        var characters = [UInt8](repeating: alphabet[0], count: length)
        for position in characters.indices.reversed() {
            characters[position] = alphabet[rest % alphabet.count]
            rest /= alphabet.count
        }
        return characters
    }

    static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var remainder = UInt32.max
        for byte in bytes {
            remainder ^= UInt32(byte)
            for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~remainder
    }
}
