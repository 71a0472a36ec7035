import Synchronization

/// The database's clock as this process knows it, for calls that are let through without the database.
///
/// It goes on from what the database said, by this machine's monotonic clock: a wall clock that is wrong or jumps does no harm.
/// Only until the database has said anything it is this machine's wall clock.
///
/// The database reads its clock after it was asked. So `reading − askedAt` is never less than the distance between the two clocks,
/// and the least of several is the nearest to it: late by no more than the shortest way there. The least of the last half minute
/// to minute counts. A slow answer changes nothing then; a clock that was set back, or a server behind the one before, is followed
/// at once; one that was set forward, or drifts, within a minute. Times may run backwards by that: the rows of calls that were let
/// through need no order.
public final class LedgerClock: Sendable {
    /// A time, and what it is worth.
    public struct Reading: Hashable, Sendable {
        public let time: Timestamp
        /// Whether the time goes back to one that the database told; if not, it is the wall clock's.
        public let isSynchronized: Bool
    }

    /// What is to be added to the monotonic time to get the database's: the least of a stretch of time, and of the one before.
    private struct Offsets {
        var current: Duration
        var previous: Duration
        var start: ContinuousClock.Instant
    }

    private static let stretch: Duration = .seconds(30)

    private let wall: @Sendable () -> Timestamp
    private let monotonic: @Sendable () -> ContinuousClock.Instant
    /// Monotonic times are counted from here.
    private let origin: ContinuousClock.Instant
    private let offsets = Mutex<Offsets?>(nil)

    /// - Parameter wall: this machine's wall clock.
    public convenience init(wall: @escaping @Sendable () -> Timestamp) {
        self.init(wall: wall, monotonic: { .now })
    }

    package init(
        wall: @escaping @Sendable () -> Timestamp, monotonic: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.wall = wall
        self.monotonic = monotonic
        origin = monotonic()
    }

    public func now() -> Reading {
        guard let offset = offsets.withLock({ $0.map { min($0.current, $0.previous) } }) else {
            return Reading(time: wall(), isSynchronized: false)
        }
        let time = Timestamp(microseconds: 0).advanced(by: offset + origin.duration(to: monotonic()))
        return Reading(time: time, isSynchronized: true)
    }

    /// The database told its time.
    ///
    /// - Parameters:
    ///   - database: what its clock said.
    ///   - askedAt: before the question went out.
    ///   - answeredAt: when the answer was there.
    public func note(_ database: Timestamp, askedAt: ContinuousClock.Instant, answeredAt: ContinuousClock.Instant) {
        let offset = Timestamp(microseconds: 0).duration(to: database) - origin.duration(to: askedAt)
        offsets.withLock { offsets in
            guard let known = offsets, known.start.duration(to: answeredAt) < Self.stretch * 2 else {
                offsets = Offsets(current: offset, previous: offset, start: answeredAt)
                return
            }
            if known.start.duration(to: answeredAt) < Self.stretch {
                offsets?.current = min(known.current, offset)
            } else {
                offsets = Offsets(current: offset, previous: known.current, start: answeredAt)
            }
        }
    }
}
