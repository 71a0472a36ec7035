import HummingbirdSluice
import SluiceCore
import Synchronization

/// Lets each address ask so many times in a window, to protect connections and the search for credentials. It knows
/// nothing of users, and is this replica's alone.
final class AddressLimiter: Sendable {
    /// What clients see of it in `RateLimit` fields.
    static let name = "per-address"

    private let policy: Policy
    private let table: Mutex<AddressTable>
    private let start = ContinuousClock.now
    private let now: @Sendable () -> ContinuousClock.Instant

    /// `nil` where there is no limit.
    ///
    /// - Parameter now: a clock that does not go back.
    init?(
        _ settings: AddressLimit, capacity: Int = 100_000,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        guard settings.requests > 0,
            let window = try? Window(name: Self.name, limit: Int64(settings.requests), length: settings.window),
            let policy = try? Policy(name: Self.name, windows: [window])
        else { return nil }
        self.policy = policy
        self.now = now
        table = Mutex(
            AddressTable(
                limit: UInt32(clamping: settings.requests), window: settings.window.nanoseconds, capacity: capacity))
    }

    /// - Throws: ``ServiceError/tooManyRequests(_:retryAfter:)`` with the time after which the address is let through.
    func check(_ address: ClientAddress?) throws(ServiceError) {
        let elapsed = start.duration(to: now()).nanoseconds
        guard let wait = table.withLock({ $0.request(from: AddressKey(address), at: elapsed) }) else { return }
        // In whole milliseconds, rounded up, as it is told.
        let retryAfter = Duration.milliseconds(Duration.nanoseconds(wait).millisecondsRoundedUp)
        let decidedAt = Timestamp.wallClock()
        let retryAt = decidedAt.advanced(by: retryAfter)
        let states = policy.windows.map { WindowState(window: $0, used: $0.limit, resetAt: retryAt) }
        let refusal = Refusal(decidedAt: decidedAt, retryAt: retryAt, policy: policy, windows: states)
        throw .refused(refusal, weight: 1)
    }
}
