/// UUIDs of RFC 9562 in two halves.
enum FillID {
    static func random(version: UInt64, _ random: inout FillRandom) -> (UInt64, UInt64) {
        ((random.next() & ~0xF000) | version << 12, (random.next() & ~(3 << 62)) | 2 << 62)
    }

    /// Version 7: begins with its time.
    static func timed(microseconds: Int64, _ random: inout FillRandom) -> (UInt64, UInt64) {
        let low = random.next()
        let high = UInt64(microseconds / 1_000) << 16 | 0x7000 | random.next() >> 52
        return (high, (low & ~(3 << 62)) | 2 << 62)
    }
}
