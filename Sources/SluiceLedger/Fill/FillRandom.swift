import Glibc

/// SplitMix64 (Steele, Lea and Flood, 2014): quick, and the same everywhere from one seed.
struct FillRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// From 0 up to but not including 1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func isTrue(with probability: Double) -> Bool { unit() < probability }

    /// From 0 up to but not including the limit, which is positive.
    mutating func below(_ limit: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(limit)).high) }

    /// Log-normal in shape: most near the median, a few many times it. Three uniform values make the normal one (their sum
    /// has a variance of 1/4), so nothing is above `median * exp(3 * spread)`.
    mutating func skewed(median: Double, spread: Double) -> Double {
        median * exp(spread * 2 * (unit() + unit() + unit() - 1.5))
    }
}
