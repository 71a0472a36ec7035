/// What a pool does with its connections and with those who wait for one.
///
/// Pure: events in, effects out; time and chance come with the events.
///
/// Who waits, waits as long as something can still serve it before its deadline, and is failed as soon as nothing can: when
/// no connection is open, none is being made, and the next attempt to make one is later than the deadline, or would
/// only fail again (a wrong password).
struct PoolMachine {
    typealias ConnectionID = UInt64
    typealias Instant = ContinuousClock.Instant

    enum Effect: Equatable {
        /// Make a connection; `connected` or `connectFailed` follows.
        case connect(ConnectionID)
        case lend(ConnectionID, to: WaiterQueue.ID)
        case fail(WaiterQueue.ID, Failure)
        case close(ConnectionID)
        /// Wait for an abandoned statement and roll back; `settled` follows.
        case settle(ConnectionID)
        /// Call `timeReached` at this time, or sooner.
        case wake(at: Instant)
        /// Everything is closed.
        case finish
    }

    enum Failure: Equatable {
        /// Every connection was busy until the deadline.
        case timeout
        /// No connection can be made; the last attempt's error says why.
        case unreachable
        case closed
    }

    private enum Slot: Equatable {
        /// Can transition to `idle`, `leased`, or away.
        case connecting
        /// Can transition to `leased`, or away.
        case idle(since: Instant)
        /// Can transition to `idle`, `settling`, or away.
        case leased
        /// Can transition to `idle`, `leased`, or away.
        case settling
    }

    private enum Phase: Equatable {
        case running
        case draining(until: Instant)
        case finished
    }

    private let settings: PostgresPoolSettings
    private var phase = Phase.running
    private var slots: [ConnectionID: Slot] = [:]
    private var openedAt: [ConnectionID: Instant] = [:]
    /// The most recently used last: it is lent first, so that the others can grow idle.
    private var idle: [ConnectionID] = []
    private var waiters = WaiterQueue()
    private var backoff: ConnectBackoff
    private var lastConnection: ConnectionID = 0
    private var connecting = 0

    init(settings: PostgresPoolSettings) {
        self.settings = settings
        backoff = ConnectBackoff(minimum: settings.minimumBackoff, maximum: settings.maximumBackoff)
    }

    /// Numbers for gauges and tests.
    struct Counts: Equatable {
        var open = 0, idle = 0, connecting = 0, waiting = 0
        var leased: Int { open - idle }
    }

    var counts: Counts {
        Counts(open: slots.count - connecting, idle: idle.count, connecting: connecting, waiting: waiters.count)
    }

    var isFinished: Bool { phase == .finished }

    // MARK: Lending

    /// The pool begins to work: opens the minimum.
    mutating func started(at now: Instant) -> [Effect] { grow(at: now) }

    /// An idle connection, if there is one.
    mutating func leaseIdle() -> ConnectionID? {
        guard phase == .running, let id = idle.popLast() else { return nil }
        slots[id] = .leased
        return id
    }

    mutating func leaseRequested(by waiter: WaiterQueue.ID, deadline: Instant, at now: Instant) -> [Effect] {
        guard phase == .running else { return [.fail(waiter, .closed)] }
        if let id = leaseIdle() { return [.lend(id, to: waiter)] }
        guard deadline > now else { return [.fail(waiter, isUnreachable ? .unreachable : .timeout)] }
        backoff.wanted(at: now)
        if isHopeless(until: deadline, at: now) { return [.fail(waiter, .unreachable)] }
        waiters.append(waiter, deadline: deadline)
        return grow(at: now) + [.wake(at: deadline)]
    }

    /// Its task was cancelled. False when it was served or failed already.
    mutating func waiterLeft(_ waiter: WaiterQueue.ID) -> Bool { waiters.remove(waiter) }

    /// - Parameter isClean: the next user can have it as it is.
    mutating func released(_ id: ConnectionID, isClean: Bool, at now: Instant) -> [Effect] {
        // It may have been lost, or closed by a shutdown, while it was lent.
        guard slots[id] == .leased else { return [] }
        guard phase == .running else { return close(id) }
        if isClean { return offer(id, at: now) }
        slots[id] = .settling
        return [.settle(id)]
    }

    mutating func settled(_ id: ConnectionID, isClean: Bool, at now: Instant) -> [Effect] {
        guard slots[id] == .settling else { return [] }
        if isClean, phase == .running { return offer(id, at: now) }
        return close(id) + grow(at: now)
    }

    // MARK: Connections

    mutating func connected(_ id: ConnectionID, at now: Instant) -> [Effect] {
        // It may come after a shutdown.
        guard slots[id] == .connecting else { return [.close(id)] }
        connecting -= 1
        backoff.succeeded()
        openedAt[id] = now
        return offer(id, at: now) + grow(at: now)
    }

    /// - Parameters:
    ///   - isPermanent: trying again changes nothing until a person changes something.
    ///   - chance: from 0 to 1.
    mutating func connectFailed(
        _ id: ConnectionID, isPermanent: Bool, chance: Double, at now: Instant
    ) -> [Effect] {
        guard slots[id] == .connecting else { return [] }
        forget(id)
        backoff.failed(isPermanent: isPermanent, chance: chance, at: now)
        let machine = self
        let hopeless = waiters.remove { machine.isHopeless(until: $0, at: now) }
        return hopeless.map { .fail($0, .unreachable) } + wakeForRetry() + finishIfDrained()
    }

    /// The server hung up.
    mutating func lost(_ id: ConnectionID, at now: Instant) -> [Effect] {
        guard slots[id] != nil else { return [] }
        forget(id)
        return grow(at: now) + finishIfDrained()
    }

    // MARK: Time and the end

    /// - Returns: effects, among them when to call again.
    mutating func timeReached(at now: Instant) -> [Effect] {
        if case .draining(let limit) = phase, limit <= now { return slots.keys.sorted().flatMap { close($0) } }
        let failure = isUnreachable ? Failure.unreachable : .timeout
        var effects: [Effect] = waiters.remove { $0 <= now }.map { .fail($0, failure) }
        effects += closeOld(at: now)
        effects += grow(at: now)
        if let next = nextTime(after: now) { effects.append(.wake(at: next)) }
        return effects
    }

    /// No one is served any more. What is lent may come back until the deadline, then it is closed.
    mutating func shutDown(deadline: Instant) -> [Effect] {
        guard phase != .finished else { return [] }
        phase = .draining(until: deadline)
        var effects: [Effect] = waiters.remove { _ in true }.map { .fail($0, .closed) }
        for (id, slot) in slots.sorted(by: { $0.key < $1.key }) where slot != .leased { effects += close(id) }
        effects += finishIfDrained()
        if phase != .finished { effects.append(.wake(at: deadline)) }
        return effects
    }
}

// MARK: - Steps

extension PoolMachine {
    /// No connection is open and the last attempt to make one failed.
    private var isUnreachable: Bool { backoff.isFailing && slots.count == connecting }

    private func isHopeless(until deadline: Instant, at now: Instant) -> Bool {
        guard isUnreachable, connecting == 0, let retryAt = backoff.retryAt, retryAt > now else { return false }
        return backoff.isPermanent || retryAt > deadline
    }

    /// Lends it to who waits longest, or puts it aside.
    private mutating func offer(_ id: ConnectionID, at now: Instant) -> [Effect] {
        if isTooOld(id, at: now) { return close(id) + grow(at: now) }
        if let waiter = waiters.popFirst() {
            slots[id] = .leased
            return [.lend(id, to: waiter)]
        }
        slots[id] = .idle(since: now)
        idle.append(id)
        return nextExpiry(of: id, idleSince: now).map { [.wake(at: $0)] } ?? []
    }

    /// Makes as many connections as are needed and allowed; in an outage, one at a time and only when the pause is over.
    private mutating func grow(at now: Instant) -> [Effect] {
        guard phase == .running else { return [] }
        if backoff.isFailing {
            guard connecting == 0, let retryAt = backoff.retryAt, retryAt <= now else { return wakeForRetry() }
        }
        let wanted = max(waiters.count - connecting, settings.minimumConnections - slots.count)
        let allowed = backoff.isFailing ? 1 : settings.maximumConnections - slots.count
        let missing = min(wanted, allowed, settings.maximumConnections - slots.count)
        guard missing > 0 else { return [] }
        return (0..<missing).map { _ in
            lastConnection += 1
            slots[lastConnection] = .connecting
            connecting += 1
            return .connect(lastConnection)
        }
    }

    private func wakeForRetry() -> [Effect] {
        guard phase == .running, connecting == 0, needsMore, let retryAt = backoff.retryAt else { return [] }
        return [.wake(at: retryAt)]
    }

    private var needsMore: Bool { waiters.count > 0 || slots.count < settings.minimumConnections }

    private mutating func close(_ id: ConnectionID) -> [Effect] {
        forget(id)
        return [.close(id)] + finishIfDrained()
    }

    private mutating func forget(_ id: ConnectionID) {
        guard let slot = slots.removeValue(forKey: id) else { return }
        openedAt[id] = nil
        if slot == .connecting { connecting -= 1 }
        if case .idle = slot { idle.removeAll { $0 == id } }
    }

    private mutating func finishIfDrained() -> [Effect] {
        guard case .draining = phase, slots.isEmpty else { return [] }
        phase = .finished
        return [.finish]
    }

    private mutating func closeOld(at now: Instant) -> [Effect] {
        var effects: [Effect] = []
        // The ones idle for longest come first.
        for id in idle {
            guard case .idle(let since) = slots[id] else { continue }
            let isSpare = slots.count > settings.minimumConnections
            let isIdleTooLong = isSpare && (settings.idleTimeout.map { since + $0 <= now } ?? false)
            if isIdleTooLong || isTooOld(id, at: now) { effects += close(id) }
        }
        return effects
    }

    private func isTooOld(_ id: ConnectionID, at now: Instant) -> Bool {
        guard let lifetime = settings.maximumLifetime, let opened = openedAt[id] else { return false }
        return opened + lifetime <= now
    }

    private func nextExpiry(of id: ConnectionID, idleSince since: Instant) -> Instant? {
        let isSpare = slots.count > settings.minimumConnections
        let byIdleness = isSpare ? settings.idleTimeout.map { since + $0 } : nil
        let byAge = settings.maximumLifetime.flatMap { lifetime in openedAt[id].map { $0 + lifetime } }
        return [byIdleness, byAge].compactMap(\.self).min()
    }

    private func nextTime(after now: Instant) -> Instant? {
        switch phase {
        case .running: break
        case .draining(let limit): return limit
        case .finished: return nil
        }
        var times = [waiters.earliestDeadline].compactMap(\.self)
        if backoff.isFailing, connecting == 0, needsMore, let retryAt = backoff.retryAt { times.append(retryAt) }
        for id in idle {
            if case .idle(let since) = slots[id], let expiry = nextExpiry(of: id, idleSince: since) {
                times.append(expiry)
            }
        }
        return times.min()
    }
}
