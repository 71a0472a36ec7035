/// The pauses between attempts at a step: each twice as long as the one before, up to a limit, with chance in them.
struct MigrationBackoff {
    private static let longest = Duration.seconds(5)

    private var next = Duration.milliseconds(100)

    /// - Parameter chance: from 0 (half the pause) to 1 (all of it).
    mutating func pause(chance: Double) -> Duration {
        defer { next = min(next * 2, Self.longest) }
        return next * (0.5 + 0.5 * min(max(chance, 0), 1))
    }
}
