/// Remembers what was used lately: at most `capacity` entries, every operation O(1) amortised.
///
/// Two generations: what is used moves to the young one, and when that is half of the capacity it becomes the old one, whose
/// predecessor is forgotten. So an entry used within the last `capacity / 2` different ones is there.
struct BoundedCache<Key: Hashable, Value> {
    private let half: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]

    /// - Parameter capacity: at least 2; less is taken as 2.
    init(capacity: Int) {
        half = max(1, capacity / 2)
    }

    /// The value, which counts as used.
    mutating func use(_ key: Key) -> Value? {
        if let value = young[key] { return value }
        guard let value = old[key] else { return nil }
        set(value, for: key)
        return value
    }

    /// The value, without counting as use.
    func peek(_ key: Key) -> Value? { young[key] ?? old[key] }

    mutating func set(_ value: Value, for key: Key) {
        if young.count >= half, young[key] == nil {
            old = young
            young = [:]
        }
        young[key] = value
        old[key] = nil
    }

    mutating func remove(_ key: Key) {
        young[key] = nil
        old[key] = nil
    }

    mutating func removeAll() {
        young = [:]
        old = [:]
    }

    /// Changes all values that there are: O(n).
    mutating func updateAll(_ change: (inout Value) -> Void) {
        young = young.mapValues { Self.changed($0, change) }
        old = old.mapValues { Self.changed($0, change) }
    }

    private static func changed(_ value: Value, _ change: (inout Value) -> Void) -> Value {
        var value = value
        change(&value)
        return value
    }

    var count: Int { young.count + old.count }
}

extension BoundedCache: Sendable where Key: Sendable, Value: Sendable {}
