import SluiceCore

/// When keys were last used, until it is written down: pure and bounded.
struct KeyUses: Sendable {
    private let maximum: Int
    private var uses: [KeyID: Timestamp] = [:]

    /// - Parameter maximum: keys noted; the uses of further ones are dropped until the next writing.
    init(maximum: Int) {
        self.maximum = maximum
    }

    mutating func note(_ id: KeyID, at time: Timestamp) {
        if let known = uses[id] {
            if known < time { uses[id] = time }
        } else if uses.count < maximum {
            uses[id] = time
        }
    }

    /// All of them, in portions for one statement each. They are forgotten here.
    mutating func take(portion: Int) -> [[KeyID: Timestamp]] {
        var portions: [[KeyID: Timestamp]] = []
        for (id, time) in uses {
            if portions.last.map({ $0.count == portion }) ?? true { portions.append([:]) }
            portions[portions.count - 1][id] = time
        }
        uses = [:]
        return portions
    }

    /// Takes back what could not be written.
    mutating func putBack(_ portion: [KeyID: Timestamp]) {
        for (id, time) in portion { note(id, at: time) }
    }
}
