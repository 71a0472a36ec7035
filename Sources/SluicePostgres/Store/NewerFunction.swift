import Synchronization

/// Whether the database has a function that a later migration brings. While it does not, it is asked for only now and then,
/// so that a replica which was started before the migration finds it after.
final class NewerFunction: Sendable {
    /// Calls until the next question; 0 to ask.
    private let pause = Atomic<Int>(0)

    /// How many calls go without it after the database said that there is none.
    static let pauseLength = 1_000

    var isWorthAsking: Bool {
        guard pause.load(ordering: .relaxed) > 0 else { return true }
        return pause.subtract(1, ordering: .relaxed).newValue <= 0
    }

    func isMissing() { pause.store(Self.pauseLength, ordering: .relaxed) }
}
