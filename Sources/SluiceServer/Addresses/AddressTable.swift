/// Counts requests by address, in memory that is bounded however many addresses there are: a pure state machine.
///
/// Past its capacity it forgets the address that was silent longest. Who has more addresses than there is room for has no
/// need to be remembered.
struct AddressTable {
    private struct Entry {
        // First, as the widest: so an entry takes 128 bytes.
        var counts: SlotCounts
        let key: AddressKey
        /// Neighbours in the order of the last request; -1 for none.
        var older: Int32 = -1
        var newer: Int32 = -1
    }

    private let limit: UInt32
    private let slot: Int64
    private let capacity: Int
    private var entries: [Entry] = []
    private var places: [AddressKey: Int32] = [:]
    private var oldest: Int32 = -1
    private var newest: Int32 = -1

    /// - Parameters:
    ///   - limit: requests of an address in any window, at least 1.
    ///   - window: nanoseconds, at least 1.
    ///   - capacity: addresses, at least 1; about 150 bytes each.
    init(limit: UInt32, window: Int64, capacity: Int) {
        self.limit = limit
        slot = (window - 1) / Int64(SlotCounts.slotsPerWindow) + 1
        self.capacity = capacity
    }

    /// Addresses that are remembered.
    var count: Int { entries.count }

    /// - Parameter now: nanoseconds of any clock that does not go back.
    /// - Returns: nanoseconds until the address may ask again, if it may not now.
    mutating func request(from key: AddressKey, at now: Int64) -> Int64? {
        let place = place(of: key, at: now)
        return entries[Int(place)].counts.request(at: now, limit: limit, slot: slot)
    }

    /// Where the address is kept, which is from now on the newest.
    private mutating func place(of key: AddressKey, at now: Int64) -> Int32 {
        if let place = places[key] {
            if place != newest {
                unlink(place)
                link(place)
            }
            return place
        }
        let entry = Entry(counts: SlotCounts(at: now), key: key)
        let place: Int32
        if entries.count < capacity {
            place = Int32(entries.count)
            entries.append(entry)
        } else {
            place = oldest
            unlink(place)
            places[entries[Int(place)].key] = nil
            entries[Int(place)] = entry
        }
        places[key] = place
        link(place)
        return place
    }

    private mutating func unlink(_ place: Int32) {
        let (older, newer) = (entries[Int(place)].older, entries[Int(place)].newer)
        if older >= 0 { entries[Int(older)].newer = newer } else { oldest = newer }
        if newer >= 0 { entries[Int(newer)].older = older } else { newest = older }
    }

    private mutating func link(_ place: Int32) {
        entries[Int(place)].older = newest
        entries[Int(place)].newer = -1
        if newest >= 0 { entries[Int(newest)].newer = place } else { oldest = place }
        newest = place
    }
}
