import SluiceServer
import Synchronization

/// Finds the database as the test says.
final class ScriptedProbe: ReadinessProbe {
    private let next: Mutex<Readiness>

    init(_ readiness: Readiness) {
        next = Mutex(readiness)
    }

    func become(_ readiness: Readiness) {
        next.withLock { $0 = readiness }
    }

    func check() async -> Readiness {
        next.withLock { $0 }
    }
}
