import Testing

@testable import SluicePostgres

/// Maintenance looks now and then, and when a day begins: never later than a second after it.
@Suite struct MaintenancePauseTests {
    @Test(arguments: [0, 0.5, 1]) func looksWhenADayBegins(chance: Double) {
        func pause(_ left: Duration?) -> Duration {
            PartitionMaintenance.pause(.seconds(600), untilNextDay: left, chance: chance)
        }
        #expect((.milliseconds(539_999) ... .milliseconds(660_001)).contains(pause(.seconds(80_000))))
        for left in [0, 1, 100, 530] { #expect(pause(.seconds(left)) == .seconds(Double(left) + chance)) }
        #expect(pause(.seconds(600)) <= .seconds(601))
        #expect((.milliseconds(26_999) ... .milliseconds(33_001)).contains(pause(nil)))
    }
}
