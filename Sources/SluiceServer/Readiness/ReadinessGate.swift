import Synchronization

/// Asks the probe and remembers what ``ReadinessState`` needs to remember.
final class ReadinessGate: Sendable {
    private let probe: any ReadinessProbe
    private let state = Mutex(ReadinessState())

    init(probe: any ReadinessProbe) {
        self.probe = probe
    }

    func check() async -> ReadinessState.Verdict {
        let readiness = await probe.check()
        return state.withLock { $0.observed(readiness) }
    }

    func stopping() {
        state.withLock { $0.stopping() }
    }
}
