import SluiceCore
import SluiceTesting
import Testing

@Suite("Model")
struct ModelTests {
    @Test("a UUID reads what it writes, in both cases, and nothing else")
    func uuid() throws {
        let text = "0190f3a2-7c4d-7abc-8def-0123456789ab"
        let bits = try #require(UUIDBits(text))
        #expect(bits.description == text)
        #expect(UUIDBits(text.uppercased()) == bits)
        #expect(bits.version == 7)
        for wrong in ["", text + "0", String(text.dropLast()), text.replacing("-", with: ""), "{\(text)}"] {
            #expect(UUIDBits(wrong) == nil)
        }
        #expect(UUIDBits(text.replacing("a", with: "g")) == nil)
    }

    @Test("a made call id is of version 7, variant 10, and sorts by its millisecond")
    func version7() {
        var generator = SeededGenerator(seed: 1)
        let ids = (0..<100).map { CallID.version7(at: Timestamp(microseconds: $0 * 1_000), using: &generator) }
        #expect(ids == ids.sorted())
        #expect(ids.allSatisfy { $0.bits.version == 7 && $0.bits.low >> 62 == 0b10 })
        #expect(ids.map { $0.bits.high >> 16 } == Array(0..<100))
    }

    @Test("timestamps saturate instead of trapping")
    func saturation() {
        let (first, last) = (Timestamp(microseconds: .min), Timestamp(microseconds: .max))
        #expect(last.advanced(by: .seconds(1)) == last)
        #expect(first.before(.seconds(1)) == first)
        #expect(first.duration(to: last) == .microseconds(Int64.max))
        #expect(Timestamp(microseconds: 0).advanced(by: .seconds(Int64.max)) == last)
        #expect(Duration.nanoseconds(-1).wholeMicroseconds == -1)
        #expect(Duration.nanoseconds(1_999).wholeMicroseconds == 1)
    }

    @Test("a call that cannot be names the field, the value and the remedy")
    func callErrors() throws {
        let error = #expect(throws: CallError.self) { try Call.test(weight: -1) }
        #expect(error?.description == "weight -1 is out of range: use 0 to 1000000000")
        #expect(throws: CallError.labelTooLong(field: "route", bytes: 257)) {
            try Call(user: .fresh(), id: .fresh(), route: String(repeating: "x", count: 257))
        }
        #expect(throws: CallError.labelHoldsNull(field: "model")) {
            try Call(user: .fresh(), id: .fresh(), model: "a\0")
        }
    }

    @Test("a policy that cannot be says why")
    func policyErrors() throws {
        #expect(throws: PolicyError.noWindows(policy: "p")) { try Policy(name: "p", windows: []) }
        #expect(throws: PolicyError.invalidName("a b")) {
            try Policy.standard().windows + [Window(name: "a b", limit: 1, length: .seconds(1))]
        }
        #expect(throws: PolicyError.lengthOutOfRange(.nanoseconds(1_500))) {
            try Window(name: "w", limit: 1, length: .nanoseconds(1_500))
        }
        #expect(throws: PolicyError.limitOutOfRange(-1)) { try Window(name: "w", limit: -1, length: .seconds(1)) }
        let window = try Window(name: "w", limit: 1, length: .seconds(1))
        #expect(throws: PolicyError.duplicateWindow(policy: "p", window: "w")) {
            try Policy(name: "p", windows: [window, window])
        }
    }
}
