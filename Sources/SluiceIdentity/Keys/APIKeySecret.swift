public import SluiceCore

/// An API key itself: `sk_sluice_`, 32 random characters of base 62 (190 bits), and a checksum of 6.
///
/// It does not show itself in logs, string interpolations or dumps: only ``reveal()`` does, once, to whoever made it.
public struct APIKeySecret: Sendable {
    /// What every key begins with, so that scanners for leaked secrets know one.
    public static let marker = "sk_sluice_"
    /// Characters of a key.
    public static let length = 48

    private static let randomLength = 32
    /// Characters of the random part that ``prefix`` shows; 154 bits stay hidden.
    private static let shownLength = 6

    private let text: String

    /// A new key.
    public init() {
        var generator = SystemRandomNumberGenerator()
        self.init(using: &generator)
    }

    init(using generator: inout some RandomNumberGenerator) {
        let alphabet = KeyChecksum.alphabet
        var characters = Array(Self.marker.utf8)
        for _ in 0..<Self.randomLength {
            characters.append(alphabet[Int.random(in: alphabet.indices, using: &generator)])
        }
        text = String(decoding: characters + KeyChecksum.of(characters), as: UTF8.self)
    }

    /// A key that somebody presents; `nil` unless it has the shape and the checksum of one.
    ///
    /// Every character is looked at, whichever is wrong.
    public init?(_ presented: some StringProtocol) {
        let characters = Array(presented.utf8)
        guard characters.count == Self.length else { return nil }
        var difference: UInt8 = 0
        for (left, right) in zip(characters, Self.marker.utf8) { difference |= left ^ right }
        for character in characters[Self.marker.utf8.count...] { difference |= Self.isInAlphabet(character) ? 0 : 1 }
        let checked = characters.dropLast(KeyChecksum.length)
        for (left, right) in zip(characters.suffix(KeyChecksum.length), KeyChecksum.of(checked)) {
            difference |= left ^ right
        }
        guard difference == 0 else { return nil }
        text = String(decoding: characters, as: UTF8.self)
    }

    /// The key in clear. To be shown once and kept nowhere.
    public func reveal() -> String { text }

    /// All of the key that is kept.
    public var digest: KeyDigest { KeyDigest(of: text) }

    /// The first 16 characters, by which its owner knows it again.
    public var prefix: String { String(text.prefix(Self.marker.count + Self.shownLength)) }

    /// Whether a credential claims to be such a key.
    static func isClaimed(by credential: some StringProtocol) -> Bool { credential.utf8.starts(with: marker.utf8) }

    private static func isInAlphabet(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}

extension APIKeySecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(prefix)…" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
