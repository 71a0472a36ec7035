import SluiceCore
import SluiceTesting
import Testing

@Suite("WindowChecker")
struct WindowCheckerTests {
    @Test("finds exactly what trying every interval finds", arguments: 0..<100 as Range<UInt64>)
    func bruteForce(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let window = try Window(name: "w", limit: 4, length: .microseconds(10))
        let events = (0..<30).map { _ in
            WindowChecker.Event(
                at: Timestamp(microseconds: Int64.random(in: 0..<80, using: &generator)),
                weight: Int64.random(in: 1...2, using: &generator))
        }
        let expected = Set(events.map(\.at)).filter { end in
            events.filter { $0.at <= end && $0.at > end.before(window.length) }.reduce(0) { $0 + $1.weight } > 4
        }
        #expect(Set(WindowChecker.violations(events, in: window).map(\.end)) == expected)
    }

    @Test("a call leaves exactly one length later")
    func boundary() throws {
        let window = try Window(name: "w", limit: 1, length: .seconds(10))
        let first = WindowChecker.Event(at: seconds(0), weight: 1)
        #expect(WindowChecker.violations([first, .init(at: seconds(10), weight: 1)], in: window).isEmpty)
        let early = WindowChecker.Event(at: seconds(10).before(.microseconds(1)), weight: 1)
        #expect(WindowChecker.violations([early, first], in: window).map(\.weight) == [2])
    }
}
