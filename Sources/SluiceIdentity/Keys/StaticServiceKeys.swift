public import SluiceCore

/// The digests of the service's own static keys.
public struct StaticServiceKeys: Sendable {
    private let digests: [KeyDigest]

    public init(_ digests: [KeyDigest] = []) {
        self.digests = digests
    }

    public var isEmpty: Bool { digests.isEmpty }

    /// Compares with every key, all the way through: how long it takes tells nothing about them.
    ///
    /// Digests are of one length, so that comparing them does not tell the length of a key either.
    public func contains(_ candidate: KeyDigest) -> Bool {
        var matches: UInt8 = 0
        for digest in digests {
            var difference: UInt8 = 0
            for (left, right) in zip(digest.bytes, candidate.bytes) { difference |= left ^ right }
            matches |= difference == 0 ? 1 : 0
        }
        return matches == 1
    }
}
