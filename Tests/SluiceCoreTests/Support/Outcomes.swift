import Synchronization

@testable import SluiceCore

/// What a breaker would have been told.
final class Outcomes: Sendable {
    private let told = Mutex<[Breaker.Outcome]>([])
    var all: [Breaker.Outcome] { told.withLock { $0 } }
    func add(_ outcome: Breaker.Outcome) { told.withLock { $0.append(outcome) } }
}
