import Testing

@testable import SluiceCLI

@Suite("Money as people write it")
struct NanoUSDTests {
    @Test(
        "Exact, both ways",
        arguments: [
            ("2.50", 2_500_000_000), ("0.0375", 37_500_000), ("0.000000001", 1), ("10.00", 10_000_000_000), ("0.00", 0),
            ("9223372036.854775807", Int64.max),
        ])
    func exact(_ text: String, _ amount: Int64) {
        #expect(NanoUSD.parse(text) == amount)
        #expect(NanoUSD.text(amount) == text)
    }

    @Test(
        "No money",
        arguments: ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "0.0000000001", "9223372036.854775808", " 1", "$1"])
    func refused(_ text: String) {
        #expect(NanoUSD.parse(text) == nil)
    }

    @Test("Integers need no point") func integers() { #expect(NanoUSD.parse("10") == 10_000_000_000) }
}
