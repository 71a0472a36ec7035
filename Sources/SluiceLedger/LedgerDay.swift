public import SluiceCore

/// One day of the ledger, which is one of UTC: as its partitions, rollups and seals have it.
public struct LedgerDay: Hashable, Sendable {
    /// Days since 1970-01-01; negative before.
    public let number: Int

    /// - Parameter number: days since 1970-01-01, of the years 0000 to 9999.
    public init(number: Int) { self.number = number }

    /// The day that a moment belongs to.
    public init(of moment: Timestamp) {
        let (quotient, remainder) = moment.microseconds.quotientAndRemainder(dividingBy: Self.microseconds)
        number = Int(remainder < 0 ? quotient - 1 : quotient)
    }

    /// Reads `2026-11-28`; `nil` for anything else, and for days that no month has.
    public init?(iso text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2], parts.joined().allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        let numbers = parts.compactMap { Int(Substring($0)) }
        guard numbers.count == 3, (1...12).contains(numbers[1]), (1...31).contains(numbers[2]) else { return nil }
        let day = LedgerDay(number: Self.days(year: numbers[0], month: numbers[1], day: numbers[2]))
        guard day.civil == (numbers[0], numbers[1], numbers[2]) else { return nil }
        self = day
    }

    /// Midnight UTC at which it begins.
    public var start: Timestamp { Timestamp(microseconds: Int64(number) * Self.microseconds) }
    /// Midnight UTC at which it ends, which belongs to the next.
    public var end: Timestamp { next.start }
    public var next: LedgerDay { LedgerDay(number: number + 1) }

    private static let microseconds: Int64 = 86_400_000_000
}

extension LedgerDay: Comparable {
    public static func < (left: LedgerDay, right: LedgerDay) -> Bool { left.number < right.number }
}

extension LedgerDay: CustomStringConvertible {
    /// As in `2026-11-28`.
    public var description: String {
        let (year, month, day) = civil
        return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

// The proleptic Gregorian calendar in eras of 400 years that begin in March, so that the leap day comes last: the
// algorithms `days_from_civil` and `civil_from_days` of Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms".
extension LedgerDay {
    private var civil: (year: Int, month: Int, day: Int) {
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
