/// What the batcher's lock guards: the machine, and who waits for what.
struct BatcherState: Sendable {
    typealias Machine = BatcherMachine<Ticket>
    typealias Worker = CheckedContinuation<Machine.Batch?, Never>

    enum Phase {
        /// → draining or closed.
        case open
        /// Takes no calls, but decides those that it took. → closed.
        case draining
        case closed
    }

    /// A batch for a worker that had none; `nil` sends it home.
    struct Assignment: Sendable {
        let worker: Worker
        let batch: Machine.Batch?

        func tell() { worker.resume(returning: batch) }
    }

    /// What the time brought.
    struct Tick: Sendable {
        /// Calls to answer as too late.
        let expired: [Ticket]
        /// When the questions went out that failed by that.
        let failed: [Machine.Instant]
        let assignments: [Assignment]
        /// When to look again; `nil` when no call is there.
        let next: Machine.Instant?
    }

    var machine: Machine
    var phase = Phase.open
    var isRunning = false
    /// Workers without a batch.
    var parked: [Worker] = []
    /// The timer waits for a call rather than for a deadline.
    private var isTimerParked = true

    init(machine: Machine) {
        self.machine = machine
    }

    /// A call arrived; `nil` if it came too late.
    mutating func arrived(
        _ entry: Machine.Entry, at now: Machine.Instant
    ) -> (wakesTimer: Bool, assignments: [Assignment])? {
        guard phase == .open else { return nil }
        defer { isTimerParked = false }
        machine.arrived(entry)
        return (isTimerParked, assignments(at: now))
    }

    /// A batch came back and its callers were answered, but for those whose calls go `again`.
    mutating func finished(_ batch: Machine.Batch, again: [Machine.Entry]) {
        machine.finished(batch, again: again)
        machine.forgetAnswered { $0.isKept }
    }

    /// A worker wants its next batch: `.some(nil)` sends it home, `nil` parks it.
    mutating func nextBatch(for worker: Worker, at now: Machine.Instant) -> Machine.Batch?? {
        if phase == .closed { return .some(nil) }
        if let batch = machine.nextBatch(at: now) { return .some(batch) }
        if hasDrained { return .some(nil) }
        parked.append(worker)
        return nil
    }

    /// Gives batches to parked workers as long as there are both, and sends those home who will not be needed.
    mutating func assignments(at now: Machine.Instant) -> [Assignment] {
        var assignments: [Assignment] = []
        while let worker = parked.last, let batch = machine.nextBatch(at: now) {
            parked.removeLast()
            assignments.append(Assignment(worker: worker, batch: batch))
        }
        if hasDrained {
            assignments += parked.map { Assignment(worker: $0, batch: nil) }
            parked = []
        }
        return assignments
    }

    /// Nothing waits any more. What a batch under way brings back, its worker will see to.
    private var hasDrained: Bool { phase == .draining && machine.waiting == 0 }

    /// Time passed.
    ///
    /// Failed are the batches newly overdue; or, while every slot is stuck, the calls that could not even be sent, as one question.
    mutating func tick(at now: Machine.Instant, timeout: Duration) -> Tick {
        let expired = machine.expire(at: now) { $0.isKept }
        let overdue = machine.overdue(at: now)
        let isUnsent = overdue.isEmpty && !expired.isEmpty && machine.isStuck
        let assignments = assignments(at: now)
        let next = machine.nextLook(after: now)
        isTimerParked = next == nil
        return Tick(
            expired: expired, failed: isUnsent ? [now.advanced(by: .zero - timeout)] : overdue,
            assignments: assignments, next: next)
    }
}
