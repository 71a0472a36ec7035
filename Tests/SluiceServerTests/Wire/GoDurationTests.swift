import HummingbirdSluice
import Testing

@Suite struct GoDurationTests {
    @Test(arguments: [
        (Duration.zero, "0s"), (.seconds(-5), "0s"), (.microseconds(1), "1ms"), (.milliseconds(12), "12ms"),
        (.seconds(1), "1s"), (.milliseconds(1_500), "1.5s"), (.milliseconds(1_050), "1.05s"), (.seconds(60), "1m0s"),
        (.seconds(360), "6m0s"), (.milliseconds(61_001), "1m1.001s"), (.seconds(3_600), "1h0m0s"),
        (.seconds(90_061), "25h1m1s"),
    ])
    func isWrittenAsGoDoes(duration: Duration, expected: String) {
        #expect(duration.goDuration == expected)
    }
}
