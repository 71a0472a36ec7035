import SluiceCore
import SluiceIdentity

/// The static keys of services. Only their SHA-256 is kept.
struct ServiceKeys: Sendable {
    static let minimumLength = 32

    private let keys: StaticServiceKeys

    init(_ keys: [String]) throws(ServiceConfigurationError) {
        var digests: [KeyDigest] = []
        for (index, key) in keys.enumerated() {
            guard key.utf8.count >= Self.minimumLength
            else { throw .keyTooShort(position: index + 1, length: key.utf8.count) }
            guard key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .keyNotASCII(position: index + 1) }
            let digest = KeyDigest(of: key)
            guard !digests.contains(digest) else { throw .keyTwice(position: index + 1) }
            digests.append(digest)
        }
        self.keys = StaticServiceKeys(digests)
    }

    /// Whether there are none.
    var isEmpty: Bool { keys.isEmpty }

    /// How long it takes tells nothing about the keys.
    func contains(_ presented: some StringProtocol) -> Bool {
        !isEmpty && keys.contains(KeyDigest(of: presented))
    }
}
