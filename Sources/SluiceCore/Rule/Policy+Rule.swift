extension Policy {
    /// The length of the longest window.
    package var longestLength: Duration { windows.map(\.length).max() ?? .zero }

    /// Whether a call of `weight` fits into every window when they are empty.
    package func everFits(_ weight: Int64) -> Bool { windows.allSatisfy { weight <= $0.limit } }
}

extension Timestamp {
    /// The instant `duration` earlier; saturates.
    package func before(_ duration: Duration) -> Timestamp { advanced(by: .zero - duration) }
}
