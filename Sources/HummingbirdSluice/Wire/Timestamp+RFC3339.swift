package import SluiceCore

extension Timestamp {
    /// `2026-11-23T12:34:56.123456Z`: RFC 3339 in UTC, with microseconds.
    ///
    /// The format has four digits for the year, so times outside the years 1 to 9999 are shown as the nearest inside.
    package var rfc3339: String {
        let clamped = min(max(microseconds, -62_135_596_800_000_000), 253_402_300_799_999_999)
        let (day, inDay) = Self.divide(clamped, by: 86_400_000_000)
        let date = Self.civil(fromDay: day)
        let second = inDay / 1_000_000
        return String(unsafeUninitializedCapacity: 27) { buffer in
            var position = 0
            func write(_ value: Int64, digits: Int, _ end: Unicode.Scalar) {
                var rest = value
                for offset in (0..<digits).reversed() {
                    buffer[position + offset] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                    rest /= 10
                }
                buffer[position + digits] = UInt8(ascii: end)
                position += digits + 1
            }
            write(date.year, digits: 4, "-")
            write(date.month, digits: 2, "-")
            write(date.day, digits: 2, "T")
            write(second / 3_600, digits: 2, ":")
            write(second / 60 % 60, digits: 2, ":")
            write(second % 60, digits: 2, ".")
            write(inDay % 1_000_000, digits: 6, "Z")
            return position
        }
    }

    /// The proleptic Gregorian date of a day counted from 1970-01-01. Years are counted from March, so that the leap day
    /// is the last of its year and months follow the line (153 m + 2) / 5.
    private static func civil(fromDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = divide(day + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = 400 * era + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    /// Division that rounds towards negative infinity, for times before 1970.
    private static func divide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
