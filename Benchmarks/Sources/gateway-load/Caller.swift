import Foundation

/// One connection's calls, one after the other.
struct Caller {
    private let port: UInt16
    private let mix: Mix
    private(set) var tally = Tally()
    private var answer = Message()

    init(port: UInt16, mix: Mix) {
        self.port = port
        self.mix = mix
    }

    mutating func run(_ plan: Plan, offset: Duration) {
        var due = plan.begin + offset
        while due < plan.to {
            guard let connection = try? Connection(port: port) else {
                tally.failed += 1
                Thread.sleep(forTimeInterval: 0.01)
                due = max(due, .now)
                continue
            }
            var isOpen = true
            while isOpen, due < plan.to {
                wait(until: due)
                let start = ContinuousClock.now
                isOpen = call(over: connection, counted: start >= plan.from)
                // Who is late does not catch up: the calls would be asked in a burst that the rate does not mean.
                due = plan.period.map { max(due + $0, .now) } ?? .now
            }
        }
    }

    /// - Returns: whether the connection can be used again.
    private mutating func call(over connection: borrowing Connection, counted: Bool) -> Bool {
        let (request, leaveAfter) = mix.next()
        answer.reset()
        let start = ContinuousClock.now
        guard connection.send(request) else { return fail() }
        var firstByte: Duration?
        while !answer.isComplete {
            if let leaveAfter, answer.bytes.count >= leaveAfter {
                tally.hungUp += 1
                return false
            }
            guard answer.read(from: connection) else { return fail() }
            firstByte = firstByte ?? start.duration(to: .now)
        }
        tally.statuses[answer.status, default: 0] += 1
        if counted, answer.status == 200 { tally.count(start.duration(to: .now), firstByte: firstByte ?? .zero) }
        return true
    }

    private mutating func fail() -> Bool {
        tally.failed += 1
        return false
    }

    private func wait(until due: ContinuousClock.Instant) {
        let rest = ContinuousClock.now.duration(to: due)
        if rest > .zero { Thread.sleep(forTimeInterval: rest / .seconds(1)) }
    }
}
