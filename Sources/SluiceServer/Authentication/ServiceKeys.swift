import Crypto

/// The keys that callers authenticate with. Only their SHA-256 is kept.
struct ServiceKeys: Sendable {
    static let minimumLength = 32

    private let digests: [SHA256Digest]

    init(_ keys: [String]) throws(ServiceConfigurationError) {
        var digests: [SHA256Digest] = []
        for (index, key) in keys.enumerated() {
            guard key.utf8.count >= Self.minimumLength
            else { throw .keyTooShort(position: index + 1, length: key.utf8.count) }
            guard key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .keyNotASCII(position: index + 1) }
            let digest = Self.digest(of: key)
            guard !digests.contains(digest) else { throw .keyTwice(position: index + 1) }
            digests.append(digest)
        }
        self.digests = digests
    }

    /// Whether nobody needs a key.
    var isEmpty: Bool { digests.isEmpty }

    /// Compares with every key, all the way through: how long it takes tells nothing about them.
    func contains(_ presented: some StringProtocol) -> Bool {
        let candidate = Self.digest(of: presented)
        var matches: UInt8 = 0
        for digest in digests {
            var difference: UInt8 = 0
            for (left, right) in zip(digest, candidate) { difference |= left ^ right }
            matches |= difference == 0 ? 1 : 0
        }
        return matches == 1
    }

    /// Digests are of one length, so that comparing them does not tell the length of a key either.
    private static func digest(of key: some StringProtocol) -> SHA256Digest {
        SHA256.hash(data: Array(key.utf8))
    }
}
