public import SluiceCore

extension UserID {
    /// A user that nobody else has.
    public static func fresh() -> UserID {
        UserID(bits: UUIDBits(high: .random(in: 0 ... .max), low: .random(in: 0 ... .max)))
    }
}

extension CallID {
    /// A call id that nobody else has, of version 7.
    public static func fresh() -> CallID {
        var generator = SystemRandomNumberGenerator()
        return .version7(at: Timestamp(microseconds: 1_768_478_400_000_000), using: &generator)
    }
}
