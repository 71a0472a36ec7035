import SluiceCore

/// Tokens that were verified, by their digest, so that one that comes again costs a hash and a look-up: pure and bounded.
struct TokenCache: Sendable {
    private struct Entry {
        let principal: Principal
        let endsAt: Timestamp
    }

    private var entries: BoundedCache<KeyDigest, Entry>
    private var generation: UInt64 = 0

    init(capacity: Int) {
        entries = BoundedCache(capacity: capacity)
    }

    /// - Parameter generation: of the keys that count now; tokens verified by others are forgotten.
    mutating func principal(of digest: KeyDigest, generation: UInt64, at now: Timestamp) -> Principal? {
        if generation != self.generation {
            entries.removeAll()
            self.generation = generation
        }
        guard let entry = entries.use(digest), now < entry.endsAt else { return nil }
        return entry.principal
    }

    /// - Parameter generation: of the keys that verified the token.
    mutating func note(_ claims: TokenClaims, of digest: KeyDigest, generation: UInt64) {
        guard generation == self.generation else { return }
        entries.set(Entry(principal: claims.principal, endsAt: claims.endsAt), for: digest)
    }
}
