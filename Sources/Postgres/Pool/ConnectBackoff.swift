/// When to try to connect again after failures: pauses that double, up to a limit, with chance in them.
struct ConnectBackoff {
    typealias Instant = ContinuousClock.Instant

    let minimum: Duration
    let maximum: Duration
    private var failures = 0
    /// The last failure was one that time does not heal.
    private(set) var isPermanent = false
    /// Not before this; `nil` while nothing fails.
    private(set) var retryAt: Instant?
    private var failedAt: Instant?

    init(minimum: Duration, maximum: Duration) {
        self.minimum = minimum
        self.maximum = maximum
    }

    var isFailing: Bool { failures > 0 }

    mutating func succeeded() {
        failures = 0
        isPermanent = false
        retryAt = nil
    }

    /// - Parameter chance: from 0 (half the pause) to 1 (all of it).
    mutating func failed(isPermanent: Bool, chance: Double, at now: Instant) {
        self.isPermanent = isPermanent
        // Several attempts that failed together are one failure.
        if let retryAt, retryAt > now { return }
        failures += 1
        failedAt = now
        let doublings = min(failures - 1, 30)
        let pause = min(maximum, minimum * (1 << doublings))
        retryAt = now + pause * (0.5 + 0.5 * min(max(chance, 0), 1))
    }

    /// Somebody wants a connection: no use in a pause beyond the shortest one, unless time does not heal.
    mutating func wanted(at now: Instant) {
        guard !isPermanent, let failedAt, failedAt + minimum <= now, let retryAt, retryAt > now else { return }
        self.retryAt = now
    }
}
