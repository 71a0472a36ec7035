import Testing

@testable import SluiceServer

@Suite struct AddressTableTests {
    private static let window: Int64 = 60_000_000_000

    private static func key(_ number: Int) -> AddressKey { .ipv4(UInt32(number)) }

    /// Against a list of every request, over random arrivals: never more than the limit in any window, never refused where
    /// a window longer by a slot has room, and a promise that is kept.
    @Test(arguments: 1...20) func neverOverAndHardlyUnder(seed: UInt64) throws {
        var random = Generator(state: seed)
        let limit = UInt32.random(in: 1...12, using: &random)
        let window = [Self.window, 1_000, 15, 16, 1].randomElement(using: &random) ?? Self.window
        let slot = (window - 1) / 15 + 1
        var table = AddressTable(limit: limit, window: window, capacity: 4)
        var admitted: [Int64] = []
        var now: Int64 = .random(in: 0...window, using: &random)
        for _ in 0..<3_000 {
            now += Int64.random(
                in: 0...max(1, window / Int64(limit) * 2 / ([1, 3, 20, 100].randomElement(using: &random) ?? 1)),
                using: &random)
            let within = admitted.count { $0 > now - window }
            let withinMore = admitted.count { $0 > now - 16 * slot }
            #expect(within <= Int(limit))
            if let wait = table.request(from: Self.key(1), at: now) {
                #expect(withinMore >= Int(limit), "refused with room")
                #expect(wait >= 1 && wait <= 16 * slot)
                // Nobody else asks: what was promised holds, in a copy, since asking again would change what comes.
                var later = table
                #expect(later.request(from: Self.key(1), at: now + wait) == nil)
            } else {
                admitted.append(now)
            }
        }
    }

    /// A burst after a silence gets all of the limit at once, and the next one a window later, not a slot more.
    @Test func aBurstWaitsForTheWindowAndASlotAtMost() {
        var table = AddressTable(limit: 100, window: Self.window, capacity: 4)
        for _ in 0..<100 { #expect(table.request(from: Self.key(1), at: 5) == nil) }
        let wait = table.request(from: Self.key(1), at: 5)
        #expect(wait == Self.window / 15 * 16)
        for _ in 0..<100 { #expect(table.request(from: Self.key(1), at: 5 + Self.window / 15 * 16) == nil) }
    }

    @Test func addressesDoNotShare() {
        var table = AddressTable(limit: 1, window: Self.window, capacity: 4)
        #expect(table.request(from: Self.key(1), at: 0) == nil)
        #expect(table.request(from: Self.key(2), at: 0) == nil)
        #expect(table.request(from: .none, at: 0) == nil)
        #expect(table.request(from: Self.key(1), at: 0) != nil)
    }

    @Test func underASprayTheOneThatWasSilentLongestIsForgotten() {
        var table = AddressTable(limit: 1, window: Self.window, capacity: 3)
        for number in 1...3 { #expect(table.request(from: Self.key(number), at: 0) == nil) }
        // Also who is refused is not silent.
        #expect(table.request(from: Self.key(1), at: 1) != nil)
        #expect(table.request(from: Self.key(4), at: 2) == nil)
        #expect(table.request(from: Self.key(1), at: 3) != nil)
        #expect(table.request(from: Self.key(3), at: 3) != nil)
        #expect(table.request(from: Self.key(2), at: 4) == nil, "forgotten")
        #expect(table.request(from: Self.key(4), at: 4) == nil, "forgotten in its turn")
        for number in 0..<10_000 { _ = table.request(from: Self.key(number), at: 5) }
        #expect(table.count == 3)
    }

    /// A linear congruential generator: the same numbers for the same seed.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }
}
