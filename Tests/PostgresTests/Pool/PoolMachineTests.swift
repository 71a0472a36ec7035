import Testing

@testable import Postgres

struct PoolMachineTests {
    private let start = ContinuousClock.now

    private func machine(
        minimum: Int = 0, maximum: Int = 2, idle: Duration? = nil, lifetime: Duration? = nil
    ) -> PoolMachine {
        PoolMachine(
            settings: .init(
                minimumConnections: minimum, maximumConnections: maximum, idleTimeout: idle, maximumLifetime: lifetime,
                minimumBackoff: .seconds(1), maximumBackoff: .seconds(8)))
    }

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func request(
        _ machine: inout PoolMachine, _ waiter: UInt64, deadline: Double = 100, at now: Double = 0
    ) -> [PoolMachine.Effect] {
        machine.leaseRequested(by: waiter, deadline: at(deadline), at: at(now))
    }

    @Test func connectionsAreMadeWhenNeededAndLentInOrder() {
        var pool = machine()
        #expect(pool.started(at: start) == [])
        #expect(request(&pool, 1) == [.connect(1), .wake(at: at(100))])
        #expect(request(&pool, 2) == [.connect(2), .wake(at: at(100))])
        #expect(request(&pool, 3) == [.wake(at: at(100))])
        #expect(pool.connected(2, at: start) == [.lend(2, to: 1)])
        #expect(pool.connected(1, at: start) == [.lend(1, to: 2)])
        #expect(pool.released(2, isClean: true, at: start) == [.lend(2, to: 3)])
        #expect(pool.released(1, isClean: true, at: start) == [])
        #expect(pool.leaseIdle() == 1)
        #expect(pool.leaseIdle() == nil)
    }

    @Test func theMinimumIsKept() {
        var pool = machine(minimum: 2, maximum: 3)
        #expect(pool.started(at: start) == [.connect(1), .connect(2)])
        _ = pool.connected(1, at: start)
        _ = pool.connected(2, at: start)
        #expect(pool.lost(1, at: start) == [.connect(3)])
    }

    @Test func theMostRecentlyUsedIsLentFirst() {
        var pool = machine()
        _ = request(&pool, 1)
        _ = request(&pool, 2)
        _ = pool.connected(1, at: start)
        _ = pool.connected(2, at: start)
        _ = pool.released(1, isClean: true, at: start)
        _ = pool.released(2, isClean: true, at: start)
        #expect(pool.leaseIdle() == 2)
    }

    @Test func whoLeavesIsNotServed() {
        var pool = machine(maximum: 1)
        _ = request(&pool, 1)
        _ = request(&pool, 2)
        #expect(pool.waiterLeft(1) == true)
        #expect(pool.waiterLeft(1) == false)
        #expect(pool.connected(1, at: start) == [.lend(1, to: 2)])
    }

    @Test func deadlinesFailInTheQueue() {
        var pool = machine(maximum: 1)
        _ = request(&pool, 1)
        _ = pool.connected(1, at: start)
        _ = request(&pool, 2, deadline: 5)
        _ = request(&pool, 3, deadline: 9)
        #expect(pool.timeReached(at: at(5)) == [.fail(2, .timeout), .wake(at: at(9))])
        #expect(request(&pool, 4, deadline: 3, at: 5) == [.fail(4, .timeout)])
    }

    @Test func failuresPauseAndDouble() {
        var pool = machine(maximum: 4)
        #expect(request(&pool, 1) == [.connect(1), .wake(at: at(100))])
        #expect(pool.connectFailed(1, isPermanent: false, chance: 1, at: start) == [.wake(at: at(1))])
        #expect(pool.timeReached(at: at(1)).first == .connect(2))
        // In an outage one attempt at a time, whoever else comes.
        #expect(request(&pool, 2, at: 1) == [.wake(at: at(100))])
        #expect(pool.connectFailed(2, isPermanent: false, chance: 1, at: at(1)) == [.wake(at: at(3))])
        #expect(pool.timeReached(at: at(3)).first == .connect(3))
        #expect(pool.connectFailed(3, isPermanent: false, chance: 0, at: at(3)) == [.wake(at: at(5))])
        #expect(pool.timeReached(at: at(5)).first == .connect(4))
        #expect(pool.connected(4, at: at(5)) == [.lend(4, to: 1), .connect(5)])
    }

    @Test func thePauseHasALimit() {
        var backoff = ConnectBackoff(minimum: .seconds(1), maximum: .seconds(8))
        var now = start
        for _ in 0..<100 {
            backoff.failed(isPermanent: false, chance: 1, at: now)
            now = backoff.retryAt ?? now
        }
        let before = now
        backoff.failed(isPermanent: false, chance: 1, at: now)
        #expect(backoff.retryAt == before + .seconds(8))
        backoff.succeeded()
        #expect(!backoff.isFailing && backoff.retryAt == nil)
    }

    /// The pause grows for the server's sake; whoever asks is not made to wait for the end of a long one.
    @Test func whoAsksEndsALongPause() {
        var pool = machine(maximum: 1)
        _ = request(&pool, 1, deadline: 0.5)
        _ = pool.connectFailed(1, isPermanent: false, chance: 1, at: start)
        #expect(request(&pool, 2, deadline: 1.5, at: 1).first == .connect(2))
        #expect(pool.connectFailed(2, isPermanent: false, chance: 1, at: at(1)).first == .fail(2, .unreachable))
        #expect(request(&pool, 3, deadline: 2.4, at: 1.9) == [.fail(3, .unreachable)], "the shortest pause is kept")
        #expect(request(&pool, 4, deadline: 2.5, at: 2).first == .connect(3), "it would have been at 3")
    }

    @Test func whoCannotBeServedInTimeIsFailedAtOnce() {
        var pool = machine(maximum: 1)
        _ = request(&pool, 1, deadline: 0.5)
        _ = request(&pool, 2, deadline: 50)
        #expect(
            pool.connectFailed(1, isPermanent: false, chance: 1, at: start) == [
                .fail(1, .unreachable), .wake(at: at(1)),
            ])
        #expect(request(&pool, 3, deadline: 0.9) == [.fail(3, .unreachable)])
        #expect(request(&pool, 4, deadline: 2) == [.wake(at: at(1)), .wake(at: at(2))])
    }

    @Test func aPermanentFailureFailsEveryone() {
        var pool = machine(maximum: 1)
        _ = request(&pool, 1)
        #expect(
            pool.connectFailed(1, isPermanent: true, chance: 1, at: start).first == .fail(1, .unreachable))
        #expect(request(&pool, 2) == [.fail(2, .unreachable)])
        // But it is tried again later: someone may have mended it.
        #expect(request(&pool, 3, at: 2).first == .connect(2))
    }

    @Test func anOpenConnectionIsHopeForWhoWaits() {
        var pool = machine(maximum: 2)
        _ = request(&pool, 1)
        _ = pool.connected(1, at: start)
        #expect(request(&pool, 2, deadline: 0.5).first == .connect(2))
        #expect(pool.connectFailed(2, isPermanent: true, chance: 1, at: start) == [.wake(at: at(1))])
        #expect(pool.released(1, isClean: true, at: start) == [.lend(1, to: 2)])
    }

    @Test func anUncleanConnectionIsSettledFirst() {
        var pool = machine(maximum: 1)
        _ = request(&pool, 1)
        _ = pool.connected(1, at: start)
        #expect(pool.released(1, isClean: false, at: start) == [.settle(1)])
        #expect(request(&pool, 2) == [.wake(at: at(100))])
        #expect(pool.settled(1, isClean: true, at: start) == [.lend(1, to: 2)])
        _ = pool.released(1, isClean: false, at: start)
        #expect(request(&pool, 3) == [.wake(at: at(100))])
        #expect(pool.settled(1, isClean: false, at: start) == [.close(1), .connect(2)])
    }

    @Test func aLossWhileLentIsReplaced() {
        var pool = machine(maximum: 1)
        _ = request(&pool, 1)
        _ = pool.connected(1, at: start)
        _ = request(&pool, 2)
        #expect(pool.lost(1, at: start) == [.connect(2)])
        #expect(pool.released(1, isClean: false, at: start) == [])
        #expect(pool.lost(1, at: start) == [])
    }

    @Test func idleAndOldConnectionsAreClosed() {
        var pool = machine(minimum: 1, maximum: 3, idle: .seconds(10), lifetime: .seconds(100))
        _ = pool.started(at: start)
        #expect(pool.connected(1, at: start) == [.wake(at: at(100))])
        _ = pool.leaseIdle()
        _ = request(&pool, 1)
        _ = pool.connected(2, at: start)
        _ = pool.released(1, isClean: true, at: at(1))
        _ = pool.released(2, isClean: true, at: at(2))
        #expect(pool.timeReached(at: at(11)) == [.close(1), .wake(at: at(100))])
        #expect(pool.timeReached(at: at(12)) == [.wake(at: at(100))])
        #expect(pool.timeReached(at: at(100)) == [.close(2), .connect(3)])
    }

    @Test func anOldConnectionIsReplacedWhenItComesBack() {
        var pool = machine(maximum: 1, lifetime: .seconds(10))
        _ = request(&pool, 1)
        _ = pool.connected(1, at: start)
        _ = request(&pool, 2)
        #expect(pool.released(1, isClean: true, at: at(10)) == [.close(1), .connect(2)])
    }

    @Test func shuttingDownWaitsForWhatIsLent() {
        var pool = machine(maximum: 3)
        for waiter in 1...2 as ClosedRange<UInt64> { _ = request(&pool, waiter) }
        _ = pool.connected(1, at: start)
        _ = pool.connected(2, at: start)
        _ = pool.released(2, isClean: true, at: start)
        _ = pool.leaseIdle()
        _ = pool.released(2, isClean: true, at: start)
        _ = request(&pool, 5)
        _ = request(&pool, 6)
        #expect(pool.shutDown(deadline: at(5)) == [.fail(6, .closed), .close(3), .wake(at: at(5))])
        #expect(request(&pool, 7) == [.fail(7, .closed)])
        #expect(pool.connected(3, at: start) == [.close(3)])
        #expect(pool.released(1, isClean: true, at: start) == [.close(1)])
        #expect(pool.timeReached(at: at(5)) == [.close(2), .finish])
        #expect(pool.isFinished)
        #expect(pool.released(2, isClean: true, at: at(6)) == [])
        #expect(pool.shutDown(deadline: at(9)) == [])
    }
}
