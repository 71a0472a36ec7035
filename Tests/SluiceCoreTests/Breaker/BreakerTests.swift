import SluiceCore
import SluiceTesting
import Testing

@Suite("Breaker")
struct BreakerTests {
    private static let lost = StoreError(.unavailable, "connection lost")
    private let start = ContinuousClock.now
    private var generator = SeededGenerator(seed: 3)

    private mutating func fail(
        _ breaker: inout Breaker, _ count: Int = 1, with error: StoreError = lost
    ) -> [Breaker.Transition] {
        (0..<count).compactMap { _ in breaker.ended(.failed(error), askedAt: start, at: start, using: &generator) }
    }

    @Test("opens on failures in a row, once, and says why")
    mutating func consecutive() {
        var breaker = Breaker()
        #expect(fail(&breaker, 2).isEmpty)
        _ = breaker.ended(.answered(after: .zero), askedAt: start, at: start, using: &generator)
        #expect(fail(&breaker, 2).isEmpty)
        #expect(breaker.refusal == nil)
        let transitions = fail(&breaker, 5)
        #expect(transitions.map(\.to) == [.open])
        #expect(transitions.first?.from == .closed)
        #expect(transitions.first?.cause == Self.lost)
        #expect(breaker.refusal == Self.lost)
    }

    @Test("opens on too many bad answers among the last, slow ones included, never on a good one")
    mutating func ratio() {
        var breaker = Breaker(settings: BreakerSettings(consecutiveFailures: 100))
        var opened: Int?
        for index in 0..<40 {
            let duration: Duration = index % 2 == 0 ? .milliseconds(100) : .milliseconds(1)
            let outcome = Breaker.Outcome.answered(after: duration)
            if breaker.ended(outcome, askedAt: start, at: start, using: &generator) != nil { opened = index }
        }
        #expect(opened == 10, "10 are enough to judge, and the eleventh is the first bad one then")
        var healthy = Breaker(settings: BreakerSettings(consecutiveFailures: 100))
        for index in 0..<400 {
            let outcome: Breaker.Outcome = index % 3 == 0 ? .failed(Self.lost) : .answered(after: .zero)
            #expect(healthy.ended(outcome, askedAt: start, at: start, using: &generator) == nil)
        }
    }

    @Test(
        "what concerns one call, and our own shutdown, does not count",
        arguments: [StoreError.Kind.contended, .missingPartition, .rejected, .unrecorded, .closed])
    mutating func notOutages(kind: StoreError.Kind) {
        var breaker = Breaker()
        #expect(fail(&breaker, 100, with: StoreError(kind, "")).isEmpty)
        #expect(breaker.phase == .closed)
    }

    @Test("one probe at a time, when its pause is over; callers are not held up by it; a good one closes")
    mutating func probing() throws {
        var breaker = Breaker()
        var transition = try #require(fail(&breaker, 3).first)
        var now = start
        for _ in 0..<9 {
            let due = try #require(breaker.nextProbe)
            #expect(due == now.advanced(by: try #require(transition.pause)))
            #expect(breaker.retryAfter(at: now) == now.duration(to: due))
            #expect(breaker.probeStarted(at: due.advanced(by: .nanoseconds(-1))) == nil)
            now = due
            #expect(breaker.probeStarted(at: now)?.to == .halfOpen)
            #expect(breaker.probeStarted(at: now) == nil)
            #expect(breaker.refusal == Self.lost)
            let ending = breaker.probeEnded(Self.lost, at: now, using: &generator)
            transition = try #require(ending)
            #expect(transition.to == .open)
        }
        now += .seconds(15)
        _ = breaker.probeStarted(at: now)
        #expect(breaker.probeEnded(StoreError(.contended, ""), at: now, using: &generator)?.to == .closed)
        #expect(breaker.refusal == nil)
    }

    /// Lets every probe of a default breaker fail, or take its time to fail, until `end` after it opened.
    private mutating func pauses(until end: Duration, probeTakes: Duration) throws -> [(at: Duration, pause: Duration)]
    {
        var breaker = Breaker()
        var transition = try #require(fail(&breaker, 3).first)
        var now = start
        var pauses: [(Duration, Duration)] = []
        while start.duration(to: now) < end {
            let pause = try #require(transition.pause)
            pauses.append((start.duration(to: now), pause))
            now += pause
            _ = breaker.probeStarted(at: now)
            now += probeTakes
            let ending = breaker.probeEnded(Self.lost, at: now, using: &generator)
            transition = try #require(ending)
        }
        return pauses
    }

    @Test("pauses double, jittered, to a twentieth of the outage so far, and to the cap")
    mutating func pauses() throws {
        let pauses = try pauses(until: .seconds(600), probeTakes: .zero)
        for (at, pause) in pauses {
            #expect(pause >= .milliseconds(125) && pause <= max(.milliseconds(250), min(at / 20, .seconds(15))))
        }
        let late = pauses.filter { $0.at > .seconds(300) }.map(\.pause)
        #expect(late.allSatisfy { $0 >= .milliseconds(7_500) })
        #expect(Set(late).count == late.count, "jittered")
    }

    @Test("a server that answers after an outage of up to 30 s is found within 2 s", arguments: 0..<50 as Range<UInt64>)
    mutating func recovery(seed: UInt64) throws {
        generator = SeededGenerator(seed: seed)
        let pauses = try pauses(until: .seconds(40), probeTakes: .milliseconds(150))
        // The worst moment to come back: just after a probe went out that no longer notices.
        let probes = pauses.map { $0.at + $0.pause }
        for (probe, next) in zip(probes, probes.dropFirst()) where probe <= .seconds(30) {
            #expect(next + .milliseconds(150) - probe <= .seconds(2))
        }
    }

    /// A breaker that was open for a second, and closed.
    private mutating func closedAgain(trial: Int = 20) -> (breaker: Breaker, now: ContinuousClock.Instant) {
        var breaker = Breaker(settings: BreakerSettings(firstPause: .milliseconds(10), trial: trial))
        _ = fail(&breaker, 3)
        let now = start + .seconds(1)
        _ = breaker.probeStarted(at: now)
        #expect(breaker.probeEnded(nil, at: now, using: &generator)?.to == .closed)
        return (breaker, now)
    }

    private mutating func answer(_ breaker: inout Breaker, _ count: Int, at now: ContinuousClock.Instant) {
        for _ in 0..<count {
            let transition = breaker.ended(.answered(after: .zero), askedAt: now, at: now, using: &generator)
            #expect(transition == nil)
        }
    }

    @Test("on probation one failure opens it again, for longer pauses each time")
    mutating func probation() throws {
        var (breaker, now) = closedAgain()
        answer(&breaker, 19, at: now)
        let busy = Breaker.Outcome.failed(StoreError(.contended, ""))
        #expect(breaker.ended(busy, askedAt: now, at: now, using: &generator) == nil)
        var pauses: [Duration] = []
        for _ in 0..<5 {
            let opening = breaker.ended(.failed(Self.lost), askedAt: now, at: now, using: &generator)
            pauses.append(try #require(opening?.pause))
            now += .milliseconds(50)
            _ = breaker.probeStarted(at: now)
            #expect(breaker.probeEnded(nil, at: now, using: &generator)?.to == .closed)
            answer(&breaker, 1, at: now)
        }
        let full = [20, 40, 52.5, 55, 57.5, 60].map { Duration.milliseconds(1) * $0 }
        for (pause, full) in zip(pauses, full) { #expect(pause >= full / 2 && pause <= full) }
    }

    @Test("an outage is forgotten after good answers, after as long a time as it lasted, or at once if told so")
    mutating func forgotten() {
        var (breaker, now) = closedAgain()
        answer(&breaker, 20, at: now)
        #expect(breaker.ended(.failed(Self.lost), askedAt: now, at: now, using: &generator) == nil)
        (breaker, now) = closedAgain()
        now += .seconds(1)
        #expect(breaker.ended(.failed(Self.lost), askedAt: now, at: now, using: &generator) == nil)
        (breaker, now) = closedAgain(trial: 0)
        for count in 1...3 {
            let opening = breaker.ended(.failed(Self.lost), askedAt: now, at: now, using: &generator)
            #expect((opening != nil) == (count == 3))
        }
    }

    @Test("what was asked before it closed says nothing of the time after")
    mutating func lateFailures() {
        var (breaker, now) = closedAgain()
        let before = now.advanced(by: .nanoseconds(-1))
        for _ in 0..<100 {
            #expect(breaker.ended(.failed(Self.lost), askedAt: before, at: now, using: &generator) == nil)
        }
        #expect(breaker.ended(.failed(Self.lost), askedAt: now, at: now, using: &generator)?.to == .open)
    }

    @Test("what was asked before it opened and ends later says nothing")
    mutating func stragglers() {
        var breaker = Breaker()
        _ = fail(&breaker, 3)
        let due = breaker.nextProbe
        #expect(breaker.ended(.answered(after: .zero), askedAt: start, at: start, using: &generator) == nil)
        #expect(fail(&breaker, 10).isEmpty)
        #expect(breaker.nextProbe == due)
        #expect(breaker.probeEnded(nil, at: start, using: &generator) == nil, "no probe was under way")
        #expect(breaker.phase == .open)
    }

    @Test("an operator's word goes over the machine's")
    mutating func forced() {
        var breaker = Breaker()
        breaker.mode = .forcedOpen
        #expect(breaker.refusal?.kind == .unavailable)
        #expect(breaker.nextProbe == nil)
        breaker.mode = .forcedClosed
        #expect(fail(&breaker, 10).isEmpty)
        #expect(breaker.refusal == nil)
        breaker.mode = .automatic
        #expect(breaker.refusal == nil)
        _ = fail(&breaker, 3)
        breaker.mode = .forcedClosed
        #expect(breaker.refusal == nil)
        #expect(breaker.retryAfter(at: start) == nil)
    }

    @Test(
        "random traces: phases follow each other as drawn, pauses keep to their bounds",
        arguments: 0..<50 as Range<UInt64>)
    mutating func traces(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        let settings = BreakerSettings(longestPause: .seconds(1), trial: 5)
        var breaker = Breaker(settings: settings)
        var now = start
        var probes = 0
        let allowed: [Breaker.Phase: Set<Breaker.Phase>] = [
            .closed: [.open], .open: [.halfOpen], .halfOpen: [.open, .closed],
        ]
        for _ in 0..<600 {
            now = now.advanced(by: .milliseconds(Int.random(in: 0...400, using: &generator)))
            if Int.random(in: 0..<20, using: &generator) == 0 { breaker.mode = Breaker.Mode.allCases.pick(&generator) }
            let (before, mode) = (breaker.phase, breaker.mode)
            let isGood = Bool.random(using: &generator)
            let transition =
                switch Int.random(in: 0..<3, using: &generator) {
                case 0:
                    breaker.ended(
                        isGood ? .answered(after: .zero) : .failed(Self.lost), askedAt: now, at: now, using: &generator)
                case 1: breaker.probeStarted(at: now)
                default: breaker.probeEnded(isGood ? nil : Self.lost, at: now, using: &generator)
                }
            #expect((transition != nil) == (breaker.phase != before), "each change is told, once")
            guard let transition else { continue }
            #expect(transition.from == before && transition.to == breaker.phase)
            #expect(allowed[before]?.contains(breaker.phase) == true)
            #expect(mode == .automatic || before == .halfOpen, "forced, only the probe under way still ends")
            probes += (transition.to == .halfOpen ? 1 : 0) - (transition.from == .halfOpen ? 1 : 0)
            #expect(probes == (breaker.phase == .halfOpen ? 1 : 0), "one probe at a time")
            let bounds = settings.firstPause / 2...settings.longestPause
            #expect((transition.to == .open) == (transition.pause.map { bounds.contains($0) } ?? false))
        }
    }
}
