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
        (0..<count).compactMap { _ in breaker.ended(.failed(error), at: start, using: &generator) }
    }

    @Test("opens on failures in a row, once, and says why")
    mutating func consecutive() {
        var breaker = Breaker()
        #expect(fail(&breaker, 2).isEmpty)
        _ = breaker.ended(.answered(after: .zero), at: start, using: &generator)
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
            if breaker.ended(.answered(after: duration), at: start, using: &generator) != nil { opened = index }
        }
        #expect(opened == 10, "10 are enough to judge, and the eleventh is the first bad one then")
        var healthy = Breaker(settings: BreakerSettings(consecutiveFailures: 100))
        for index in 0..<400 {
            let outcome: Breaker.Outcome = index % 3 == 0 ? .failed(Self.lost) : .answered(after: .zero)
            #expect(healthy.ended(outcome, at: start, using: &generator) == nil)
        }
    }

    @Test("a busy user and our own shutdown do not count", arguments: [StoreError.Kind.contended, .closed])
    mutating func notOutages(kind: StoreError.Kind) {
        var breaker = Breaker()
        #expect(fail(&breaker, 100, with: StoreError(kind, "")).isEmpty)
        #expect(breaker.phase == .closed)
    }

    @Test("pauses grow to the cap, jittered; one probe at a time; a good probe closes")
    mutating func probing() throws {
        var breaker = Breaker()
        var transition = try #require(fail(&breaker, 3).first)
        var now = start
        var pauses: [Duration] = []
        for _ in 0..<9 {
            pauses.append(try #require(transition.pause))
            let due = try #require(breaker.nextProbe)
            #expect(due == now.advanced(by: pauses[pauses.count - 1]))
            #expect(breaker.retryAfter(at: now) == now.duration(to: due))
            #expect(breaker.probeStarted(at: due.advanced(by: .nanoseconds(-1))) == nil)
            now = due
            #expect(breaker.probeStarted(at: now)?.to == .halfOpen)
            #expect(breaker.probeStarted(at: now) == nil, "one probe at a time")
            #expect(breaker.refusal == Self.lost, "callers are not held up by the probe")
            transition = try #require(breaker.probeEnded(Self.lost, at: now, using: &generator))
            #expect(transition.to == .open)
        }
        let full = [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000].map { Duration.milliseconds($0) }
        for (pause, full) in zip(pauses, full) { #expect(pause >= full / 2 && pause <= full) }
        #expect(Set(pauses.suffix(3)).count == 3, "jittered")
        _ = breaker.probeStarted(at: now.advanced(by: .seconds(15)))
        #expect(breaker.probeEnded(StoreError(.contended, ""), at: now, using: &generator)?.to == .closed)
        #expect(breaker.refusal == nil)
        #expect(fail(&breaker, 2).isEmpty, "it begins afresh")
        let pause = try #require(fail(&breaker).first?.pause)
        #expect(pause <= .milliseconds(250))
    }

    @Test("what was asked before it opened and ends later says nothing")
    mutating func stragglers() {
        var breaker = Breaker()
        _ = fail(&breaker, 3)
        let due = breaker.nextProbe
        #expect(breaker.ended(.answered(after: .zero), at: start, using: &generator) == nil)
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

    @Test("random traces: phases follow each other as drawn", arguments: 0..<50 as Range<UInt64>)
    mutating func traces(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        var breaker = Breaker()
        var now = start
        let allowed: [Breaker.Phase: Set<Breaker.Phase>] = [
            .closed: [.open], .open: [.halfOpen], .halfOpen: [.open, .closed],
        ]
        for _ in 0..<400 {
            now = now.advanced(by: .milliseconds(Int.random(in: 0...400, using: &generator)))
            let before = breaker.phase
            let isGood = Bool.random(using: &generator)
            let transition =
                switch Int.random(in: 0..<3, using: &generator) {
                case 0:
                    breaker.ended(isGood ? .answered(after: .zero) : .failed(Self.lost), at: now, using: &generator)
                case 1: breaker.probeStarted(at: now)
                default: breaker.probeEnded(isGood ? nil : Self.lost, at: now, using: &generator)
                }
            #expect((transition != nil) == (breaker.phase != before), "each change is told, once")
            guard let transition else { continue }
            #expect(transition.from == before && transition.to == breaker.phase)
            #expect(allowed[before]?.contains(breaker.phase) == true)
        }
    }
}
