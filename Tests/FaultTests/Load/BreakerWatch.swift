import Glibc
import SluiceTesting
import Synchronization

/// Looks at a replica's breaker again and again, to tell the calls that were answered while it was open.
final class BreakerWatch: Sendable {
    private struct Look: Sendable {
        let began: ContinuousClock.Instant
        let ended: ContinuousClock.Instant
        let isOpen: Bool
        /// How often it has closed: the same in two looks, and it did not close in between.
        let closings: String?
    }

    private let port: Int
    private let isOver = Atomic(false)

    init(port: Int) {
        self.port = port
    }

    func stop() { isOver.store(true, ordering: .releasing) }

    /// Until it is stopped.
    ///
    /// - Returns: the times at which the breaker was surely not closed.
    func run() async -> [Range<ContinuousClock.Instant>] { await OwnThread.run { Self.openTimes(self.looks()) } }

    private func looks() -> [Look] {
        let http = PlainHTTP(port: port)
        var looks: [Look] = []
        while !isOver.load(ordering: .acquiring) {
            let began = ContinuousClock.now
            if let answer = http.get("/metrics"), answer.status == 200 {
                looks.append(
                    Look(
                        began: began, ended: .now,
                        isOpen: answer.value(after: #"sluice_breaker_state{state="closed"} "#) == "0",
                        closings: answer.value(after: #"sluice_breaker_transitions_total{to="closed"} "#)))
            }
            usleep(25_000)
        }
        return looks
    }

    private static func openTimes(_ looks: [Look]) -> [Range<ContinuousClock.Instant>] {
        var times: [Range<ContinuousClock.Instant>] = []
        var last: Look?
        for look in looks {
            if let last, last.isOpen, look.isOpen, last.closings == look.closings, last.ended < look.began {
                // Touching times are one, and so a call across a look is in it.
                let start = times.last.flatMap { $0.upperBound == last.began ? $0.lowerBound : nil } ?? last.ended
                if start != last.ended { times.removeLast() }
                times.append(start..<look.began)
            }
            last = look
        }
        return times
    }
}
