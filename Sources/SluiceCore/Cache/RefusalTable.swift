/// Refusals that stay true for a while, so that the same question need not be asked again: one per user, the latest.
///
/// A refusal is kept only for as long as nothing in it can change:
/// - Until the first weight leaves any window (``WindowState/resetAt``), so not past ``Refusal/retryAt`` either.
/// - The promise ``Refusal/retryAt`` stays right only if nobody is admitted meanwhile. For weight 1 nobody can be. For more, a
///   lighter call could be, by another replica too: such a refusal is kept only where some window is full to the brim.
/// - Until the user calls under another policy, which may admit.
///
/// It answers only for the same weight: a heavier call is refused as well, but it must wait longer, and how long is not known here.
package struct RefusalTable: Sendable {
    package typealias Instant = ContinuousClock.Instant

    private let maximumEntries: Int
    private let maximumAge: Duration
    /// What leaves it is withdrawn: whoever still has it would not be told of another policy.
    private var entries: [UserID: HeldRefusal] = [:]
    /// The users in the order in which their entries were asked for, with the times that tell an entry from its successor.
    private var ages = Fifo<(user: UserID, askedAt: Instant, expiry: Instant)>()

    /// - Parameters:
    ///   - maximumEntries: beyond it the oldest goes.
    ///   - maximumAge: no refusal is kept longer, however far away its end is.
    package init(maximumEntries: Int, maximumAge: Duration) {
        self.maximumEntries = maximumEntries
        self.maximumAge = maximumAge
    }

    package var count: Int { entries.count }

    /// The refusal that the call would get, as of `now`: the end of the wait stays, the wait shrinks.
    package mutating func refusal(of call: Call, under policy: Policy, at now: Instant) -> Refusal? {
        guard let held = held(for: call.user, weight: call.weight, under: policy, at: now) else { return nil }
        // The ledger may hold the first answer to a supplied id.
        return call.isIDSupplied ? nil : held.refusal(at: now, policy: policy, windows: held.refusal.windows)
    }

    /// What a call without a supplied id would be answered with.
    mutating func held(for user: UserID, weight: Int64, under policy: Policy, at now: Instant) -> HeldRefusal? {
        guard !entries.isEmpty, let held = entries[user], now < held.expiry else { return nil }
        guard held.refusal.policy == policy else {
            drop(user)
            return nil
        }
        return held.holds(for: weight, at: now) ? held : nil
    }

    /// Keeps a refusal.
    ///
    /// The database's clock may be hours off ours, so only durations are taken from it. It decided after we asked, hence what is
    /// kept from the asking on is kept no longer than the refusal is true. That is not so of a shared one, which is not kept.
    ///
    /// - Parameters:
    ///   - askedAt: read before the question went out.
    ///   - now: not before `askedAt`.
    package mutating func note(_ refusal: Refusal, of call: Call, askedAt: Instant, at now: Instant) {
        dropExpired(at: now)
        let weight = max(1, call.weight)
        guard let end = Self.end(of: refusal, weight: weight) else { return }
        let expiry = askedAt.advanced(by: min(refusal.decidedAt.duration(to: end), maximumAge))
        guard expiry > now else { return }
        // Of two questions that were under way at once the one that was asked later knows more.
        if let known = entries[call.user], known.askedAt > askedAt { return }
        drop(call.user)
        entries[call.user] = HeldRefusal(
            refusal, weight: weight, askedAt: askedAt, answeredAt: now, expiry: expiry)
        ages.append((call.user, askedAt, expiry))
        while ages.count > maximumEntries { dropOldest() }
    }

    /// Until when nothing in this refusal can change; `nil` if something can now.
    private static func end(of refusal: Refusal, weight: Int64) -> Timestamp? {
        guard !refusal.isLocal, !refusal.isShared, weight == 1 || refusal.windows.contains(where: { $0.remaining == 0 })
        else {
            return nil
        }
        return refusal.windows.compactMap(\.resetAt).min().map { min($0, refusal.retryAt) }
    }

    private mutating func dropExpired(at now: Instant) {
        while let oldest = ages.first, oldest.expiry <= now || oldest.askedAt.advanced(by: maximumAge) <= now {
            dropOldest()
        }
    }

    private mutating func dropOldest() {
        guard let oldest = ages.popFirst(), let entry = entries[oldest.user] else { return }
        if entry.askedAt == oldest.askedAt, entry.expiry == oldest.expiry { drop(oldest.user) }
    }

    private mutating func drop(_ user: UserID) {
        entries.removeValue(forKey: user)?.withdraw()
    }
}
