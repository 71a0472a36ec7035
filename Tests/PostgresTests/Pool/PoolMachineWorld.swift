import Testing

@testable import Postgres

/// Plays server, clock and callers for a pool's machine, and checks what it does against what it was told.
struct PoolMachineWorld {
    private enum Seen {
        case connecting, open, leased, settling
    }

    private let settings: PostgresPoolSettings
    private var machine: PoolMachine
    private var random: SeededGenerator
    private var now = ContinuousClock.now
    private var connections: [UInt64: Seen] = [:]
    private var waiting: [UInt64] = []
    private var deadlines: [UInt64: ContinuousClock.Instant] = [:]
    private var lastWaiter: UInt64 = 0
    private var answered: Set<UInt64> = []
    private var alarm: ContinuousClock.Instant?
    private var isShutDown = false
    private var isFinished = false

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        settings = PostgresPoolSettings(
            minimumConnections: Int.random(in: 0...2, using: &random),
            maximumConnections: Int.random(in: 2...5, using: &random), idleTimeout: .seconds(20),
            maximumLifetime: .seconds(90), minimumBackoff: .seconds(1), maximumBackoff: .seconds(8))
        machine = PoolMachine(settings: settings)
        obey(machine.started(at: now))
    }

    mutating func step() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<25: ask()
        case 25..<45: give(back: pick(.leased))
        case 45..<60: finishConnecting(pick(.connecting))
        case 60..<68: settle(pick(.settling))
        case 68..<74: lose(pick(.open) ?? pick(.leased))
        case 74..<82: leave()
        default: pass(.milliseconds(Int.random(in: 0...3_000, using: &random)))
        }
        check()
    }

    /// Ends it, and checks that nothing is left.
    mutating func end() {
        isShutDown = true
        obey(machine.shutDown(deadline: now + .seconds(5)))
        #expect(waiting.isEmpty)
        while let id = pick(.leased), Bool.random(using: &random) { give(back: id) }
        pass(.seconds(5))
        #expect(isFinished)
        #expect(connections.isEmpty)
        #expect(machine.isFinished)
        #expect(answered.count == Int(lastWaiter))
    }

    private mutating func ask() {
        lastWaiter += 1
        let deadline = now + .milliseconds(Int.random(in: -100...4_000, using: &random))
        if let id = machine.leaseIdle() {
            #expect(connections.updateValue(.leased, forKey: id) == .open)
            #expect(waiting.isEmpty)
            answered.insert(lastWaiter)
            return
        }
        waiting.append(lastWaiter)
        deadlines[lastWaiter] = deadline
        obey(machine.leaseRequested(by: lastWaiter, deadline: deadline, at: now))
    }

    private mutating func give(back id: UInt64?) {
        guard let id else { return }
        let isClean = Int.random(in: 0..<4, using: &random) > 0
        connections[id] = isClean ? .open : .settling
        obey(machine.released(id, isClean: isClean, at: now))
    }

    private mutating func settle(_ id: UInt64?) {
        guard let id else { return }
        connections[id] = .open
        obey(machine.settled(id, isClean: Bool.random(using: &random), at: now))
    }

    private mutating func finishConnecting(_ id: UInt64?) {
        guard let id else { return }
        if Int.random(in: 0..<3, using: &random) > 0 {
            connections[id] = .open
            obey(machine.connected(id, at: now))
        } else {
            connections[id] = nil
            let isPermanent = Int.random(in: 0..<5, using: &random) == 0
            let chance = Double.random(in: 0...1, using: &random)
            obey(machine.connectFailed(id, isPermanent: isPermanent, chance: chance, at: now))
        }
    }

    private mutating func lose(_ id: UInt64?) {
        guard let id else { return }
        connections[id] = nil
        obey(machine.lost(id, at: now))
    }

    private mutating func leave() {
        guard let id = waiting.randomElement(using: &random) else { return }
        #expect(machine.waiterLeft(id) == true)
        waiting.removeAll { $0 == id }
        answered.insert(id)
    }

    /// Time passes, and the alarm that the machine asked for goes off when it is due.
    private mutating func pass(_ duration: Duration) {
        let end = now + duration
        while let due = alarm, due <= end {
            now = max(now, due)
            alarm = nil
            obey(machine.timeReached(at: now))
        }
        now = end
    }

    private mutating func obey(_ effects: [PoolMachine.Effect]) {
        for effect in effects {
            switch effect {
            case .connect(let id):
                #expect(!isShutDown)
                #expect(connections.updateValue(.connecting, forKey: id) == nil)
            case .lend(let id, let waiter):
                #expect(connections.updateValue(.leased, forKey: id) == .open)
                #expect(waiting.first == waiter, "first come, first served")
                #expect(deadlines[waiter].map { $0 > now } ?? false)
                answer(waiter)
            case .fail(let waiter, _):
                answer(waiter)
            case .close(let id):
                #expect(connections.removeValue(forKey: id) != nil)
            case .settle(let id):
                #expect(connections[id] == .settling)
            case .wake(let time):
                alarm = min(alarm ?? time, time)
            case .finish:
                #expect(isShutDown && !isFinished)
                isFinished = true
            }
        }
    }

    private mutating func answer(_ waiter: UInt64) {
        #expect(waiting.contains(waiter))
        #expect(answered.insert(waiter).inserted, "answered once")
        waiting.removeAll { $0 == waiter }
    }

    private func check() {
        #expect(connections.count <= settings.maximumConnections)
        let counts = machine.counts
        #expect(counts.open + counts.connecting == connections.count)
        #expect(counts.idle == connections.values.count { $0 == .open })
        #expect(counts.waiting == waiting.count)
        #expect(waiting.isEmpty || counts.idle == 0, "nobody waits while a connection is idle")
        for waiter in waiting {
            // Nobody is forgotten: a connection can still come, or the alarm is set.
            #expect(alarm.map { $0 <= deadlines[waiter] ?? now } ?? false)
        }
    }

    private mutating func pick(_ state: Seen) -> UInt64? {
        connections.filter { $0.value == state }.keys.sorted().randomElement(using: &random)
    }
}

struct PoolMachineWorldTests {
    @Test(arguments: 0..<300) func randomEvents(seed: UInt64) {
        var world = PoolMachineWorld(seed: seed)
        for _ in 0..<400 { world.step() }
        world.end()
    }
}
