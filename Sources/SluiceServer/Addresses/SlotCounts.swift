/// How many requests came in the last 16 slots of time, each a 15th of the window: 80 bytes however many there were.
///
/// The slots cover every window that ends now and up to a 15th more. So what is counted is never less than what the window
/// holds, and the limit is never exceeded in any window; a request may count for up to a 15th of the window too long. The
/// slots begin with the first request after a silence, so that a burst after one waits for no longer than the window.
struct SlotCounts {
    /// Per window.
    static let slotsPerWindow = 15

    /// The 16 newest, at their number modulo 16.
    private var counts = SIMD16<UInt32>(repeating: 0)
    /// When slot 0 began, in nanoseconds of the caller's clock.
    private var origin: Int64
    /// The number of the newest slot that is counted.
    private var newest: Int64 = 0

    init(at now: Int64) {
        origin = now
    }

    /// Counts a request, if it is one of `limit` at most.
    ///
    /// - Parameters:
    ///   - slot: nanoseconds; 15 of them are the window, rounded up.
    /// - Returns: nanoseconds until one more is let through, if this one is not. At least 1.
    mutating func request(at now: Int64, limit: UInt32, slot: Int64) -> Int64? {
        advance(to: now, slot: slot)
        guard counts.wrappedSum() >= limit else {
            counts[Int(newest & 15)] += 1
            return nil
        }
        return wait(from: now, limit: limit, slot: slot)
    }

    /// What is still counted, of all slots.
    var total: UInt32 { counts.wrappedSum() }

    private mutating func advance(to now: Int64, slot: Int64) {
        let current = max(0, now - origin) / slot
        guard current > newest else { return }
        if current - newest >= 16 {
            counts = .zero
        } else {
            for passed in newest + 1...current { counts[Int(passed & 15)] = 0 }
        }
        newest = current
        if total == 0 { (origin, newest) = (now, 0) }
    }

    /// The slots leave in their order; the wait is until so many have left that there is room for one.
    private func wait(from now: Int64, limit: UInt32, slot: Int64) -> Int64 {
        var left = total
        var oldest = newest - 15
        while left >= limit, oldest <= newest {
            left -= counts[Int(oldest & 15)]
            oldest += 1
        }
        // Slot n leaves when slot n + 16 begins; `oldest` is one past the last that has to.
        return max(1, origin + (oldest + 15) * slot - now)
    }
}
