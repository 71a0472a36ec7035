import SluiceCore

/// What is known about keys, and when the store is to be asked: pure.
///
/// Known and unknown keys have tables of their own, so that a spray of random keys pushes no good one out.
struct KeyTable: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What can be told about a digest.
    enum Answer: Hashable, Sendable {
        /// Its key, which may be revoked or expired.
        case key(APIKey)
        case absent
        case unavailable(retryAfter: Duration)
    }

    enum Step: Hashable, Sendable {
        case answer(Answer)
        /// Call ``asked(_:at:)``, ask the store, then call ``finished(_:_:at:)``.
        case ask
        /// The store is being asked about this digest.
        case wait
    }

    private struct Entry {
        var key: APIKey
        var confirmedAt: Instant
    }

    private let settings: KeyDirectorySettings
    private var known: BoundedCache<KeyDigest, Entry>
    private var absent: BoundedCache<KeyDigest, Instant>
    /// Revoked through this replica: an answer that was under way at that time may not know it.
    private var revoked: BoundedCache<KeyID, Timestamp>
    /// When each question went out.
    private var questions: [KeyDigest: Instant] = [:]
    /// The last failure, until the store answers again.
    private var failedAt: Instant?

    init(_ settings: KeyDirectorySettings) {
        self.settings = settings
        known = BoundedCache(capacity: settings.maximumKeys)
        absent = BoundedCache(capacity: settings.maximumAbsent)
        revoked = BoundedCache(capacity: settings.maximumAbsent)
    }

    /// Somebody presents a key.
    mutating func presented(_ digest: KeyDigest, at now: Instant) -> Step {
        let entry = known.use(digest)
        if let entry {
            // A revocation is for good, an expiry does not change.
            if entry.key.revokedAt != nil || now - entry.confirmedAt < settings.freshFor {
                return .answer(.key(entry.key))
            }
        } else if let since = absent.peek(digest), now - since < settings.absentFor {
            return .answer(.absent)
        }
        if isKnownToFail(at: now) { return .answer(fallback(entry, at: now)) }
        if questions[digest] != nil { return .wait }
        guard entry != nil || questions.count < settings.maximumQuestions
        else { return .answer(.unavailable(retryAfter: settings.pause)) }
        return .ask
    }

    /// A question goes out.
    mutating func asked(_ digest: KeyDigest, at now: Instant) {
        questions[digest] = now
    }

    /// The store answered, or did not.
    mutating func finished(_ digest: KeyDigest, _ result: Result<APIKey?, StoreError>, at now: Instant) -> Answer {
        // The answer is as old as the question may make it.
        let askedAt = questions.removeValue(forKey: digest) ?? now
        switch result {
        case .success(let key?):
            failedAt = nil
            let entry = Entry(key: withLocalRevocation(key), confirmedAt: askedAt)
            known.set(entry, for: digest)
            absent.remove(digest)
            return .key(entry.key)
        case .success(nil):
            failedAt = nil
            known.remove(digest)
            absent.set(askedAt, for: digest)
            return .absent
        case .failure:
            failedAt = now
            return fallback(known.peek(digest), at: now)
        }
    }

    /// A key was revoked through this replica.
    mutating func revoke(_ id: KeyID, at time: Timestamp) {
        revoked.set(time, for: id)
        known.updateAll { entry in
            if entry.key.id == id, entry.key.revokedAt == nil { entry.key = entry.key.revoked(at: time) }
        }
    }

    /// The key, if it may be told without asking anybody and whether or not the store is there.
    func remembered(_ digest: KeyDigest, at now: Instant) -> APIKey? {
        guard let entry = known.peek(digest), now - entry.confirmedAt < settings.outageGrace else { return nil }
        return entry.key
    }

    var count: (known: Int, absent: Int) { (known.count, absent.count) }

    /// While the store is away one question at a time finds out whether it is back, and nobody else waits for it. A failure that is
    /// older than a fresh key may be says nothing any more: then everybody asks.
    private func isKnownToFail(at now: Instant) -> Bool {
        guard let failedAt else { return false }
        let age = now - failedAt
        return age < settings.pause || age < settings.freshFor && !questions.isEmpty
    }

    private func fallback(_ entry: Entry?, at now: Instant) -> Answer {
        if let entry, now - entry.confirmedAt < settings.outageGrace { return .key(entry.key) }
        let waited = failedAt.map { now - $0 } ?? .zero
        return .unavailable(retryAfter: max(settings.pause - waited, .seconds(1)))
    }

    private mutating func withLocalRevocation(_ key: APIKey) -> APIKey {
        guard key.revokedAt == nil, let time = revoked.use(key.id) else { return key }
        return key.revoked(at: time)
    }
}

extension APIKey {
    fileprivate func revoked(at time: Timestamp) -> APIKey {
        APIKey(
            id: id, prefix: prefix, name: name, user: user, role: role, createdAt: createdAt, expiresAt: expiresAt,
            revokedAt: time, lastUsedAt: lastUsedAt)
    }
}
