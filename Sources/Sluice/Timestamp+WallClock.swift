import Glibc
import SluiceCore

extension Timestamp {
    /// This machine's wall clock, to the microsecond. Decisions go by the database's; this one stamps call ids, and calls that
    /// no database has seen.
    static func wallClock() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }
}
