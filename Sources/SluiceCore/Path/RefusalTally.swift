/// Counts of refusals that are not written down yet, bounded: a pure table.
struct RefusalTally: Sendable {
    /// What is counted together.
    struct Key: Hashable {
        let user: UserID
        let policyID: Int32
        let minute: Timestamp

        init(user: UserID, policyID: Int32, time: Timestamp) {
            self.user = user
            self.policyID = policyID
            minute = time.startOfMinute
        }
    }

    private let maximumEntries: Int
    private var counts: [Key: Int64] = [:]
    /// Refusals for which there was no room.
    private(set) var dropped: Int64 = 0

    init(maximumEntries: Int) {
        self.maximumEntries = maximumEntries
    }

    var entryCount: Int { counts.count }

    mutating func add(_ count: Int64 = 1, of key: Key) {
        if let known = counts[key] {
            counts[key] = known.addingSaturating(count)
        } else if counts.count < maximumEntries {
            counts[key] = count
        } else {
            dropped = dropped.addingSaturating(count)
        }
    }

    /// Everything that is here, which is here no longer.
    mutating func take() -> [RefusalCount] {
        defer { counts = [:] }
        return counts.map {
            RefusalCount(user: $0.key.user, policyID: $0.key.policyID, minute: $0.key.minute, count: $0.value)
        }
    }

    /// What was taken and could not be written down.
    mutating func giveBack(_ refusals: some Sequence<RefusalCount>) {
        for refusal in refusals {
            add(refusal.count, of: Key(user: refusal.user, policyID: refusal.policyID, time: refusal.minute))
        }
    }
}

extension Timestamp {
    fileprivate var startOfMinute: Timestamp {
        let minute: Int64 = 60_000_000
        let rest = microseconds % minute
        let (start, overflow) = microseconds.subtractingReportingOverflow(rest < 0 ? rest + minute : rest)
        return overflow ? self : Timestamp(microseconds: start)
    }
}

extension Int64 {
    fileprivate func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
