/// The lanes of the users who have calls, by user and by number.
///
/// A number stays a lane's as long as the lane is there, and reaches it without a look-up: a call costs one look-up when it arrives, and
/// its lane one when it goes.
struct LaneTable<Entry: Sendable>: Sendable {
    struct Lane: Sendable {
        let user: UserID
        var entries = ShortFifo<Entry>()
        var isInFlight = false
        var place = Place.nowhere
    }

    /// The queue that a lane stands in.
    enum Place {
        case nowhere
        /// That of its policy.
        case ready
        /// That of the busy.
        case busy
    }

    private var lanes: [Lane] = []
    private var numbers: [UserID: Int] = [:]
    /// Numbers of no lane.
    private var free: [Int] = []

    var count: Int { numbers.count }

    /// The lane of that number, which must be there.
    subscript(number: Int) -> Lane {
        get { lanes[number] }
        _modify { yield &lanes[number] }
    }

    func number(of user: UserID) -> Int? { numbers[user] }

    /// The number of the user's lane, which is made if there is none.
    mutating func find(_ user: UserID) -> Int {
        let next = free.last ?? lanes.count
        let number = read(&numbers[user, default: next])
        guard number == next else { return number }
        if free.popLast() == nil { lanes.append(Lane(user: user)) } else { lanes[number] = Lane(user: user) }
        return number
    }

    /// The lane must stand in no queue and have nothing in flight.
    mutating func remove(_ number: Int) {
        numbers[lanes[number].user] = nil
        lanes[number].entries = ShortFifo()
        free.append(number)
    }
}

/// Takes what is read as `inout`, so that a dictionary's default is stored: one look-up finds or adds.
private func read(_ number: inout Int) -> Int { number }
