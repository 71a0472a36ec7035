package import SluiceCore

extension CallID {
    /// A new id: version 7, by this machine's clock and its secure random numbers.
    package static func generated() -> CallID {
        var generator = SystemRandomNumberGenerator()
        return .version7(at: .wallClock(), using: &generator)
    }
}
