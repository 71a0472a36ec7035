import ServiceLifecycle
import Synchronization

/// The replicas of `sluice up`: started together, started again when one ends, stopped together.
struct ReplicaFleet: Service {
    let replicas: [Replica]
    /// The replicas start when this has happened.
    let start: OneShot
    /// Called once, when all of them decide calls.
    let onAllReady: @Sendable () -> Void

    /// Runs the replicas until graceful shutdown or cancellation, and returns when all have ended.
    ///
    /// - Throws: ``CommandError`` when one ends before it was ever ready.
    func run() async throws {
        let stop = OneShot()
        // Not child tasks: cancellation must reach the replicas as a shutdown, not as a kill.
        let supervision = Task { try await supervise(until: stop) }
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await supervision.value
        } onCancelOrGracefulShutdown: {
            stop.happen()
            start.happen()
        }
    }

    private func supervise(until stop: OneShot) async throws {
        await start.wait()
        let pending = Countdown(replicas.map(\.port), onZero: onAllReady)
        try await withThrowingTaskGroup { group in
            for replica in replicas {
                group.addTask {
                    // When one cannot start, the others are stopped, not killed.
                    defer { stop.happen() }
                    try await keepRunning(replica, until: stop) { pending.arrived(replica.port) }
                }
            }
            // A failure goes on only when every replica has ended.
            var failure: (any Error)?
            while let result = await group.nextResult() {
                if case .failure(let error) = result { failure = failure ?? error }
            }
            if let failure { throw failure }
        }
    }

    private func keepRunning(
        _ replica: Replica, until stop: OneShot, onReady: @escaping @Sendable () -> Void
    ) async throws {
        let wasReady = OneShot()
        var backoff = RestartBackoff()
        while !stop.hasHappened {
            let start = ContinuousClock.now
            let end = try await replica.run(until: stop) {
                wasReady.happen()
                onReady()
            }
            if stop.hasHappened { return }
            guard wasReady.hasHappened else { throw doesNotStart(replica, end) }
            Terminal.printError("sluice: the replica on port \(replica.port) ended (\(end)); starting it again")
            _ = await stop.wait(atMost: backoff.ended(after: start.duration(to: .now)))
        }
    }

    private func doesNotStart(_ replica: Replica, _ end: String) -> CommandError {
        let log = replica.process.log.map { "; the end of \($0):\n" + ServerLog(path: $0).tail(lines: 15) } ?? ""
        return CommandError(.unavailable, "the replica on port \(replica.port) does not start (\(end))\(log)")
    }
}

/// Tells when the last of several has arrived.
private final class Countdown: Sendable {
    private let missing: Mutex<Set<Int>>
    private let onZero: @Sendable () -> Void

    init(_ expected: [Int], onZero: @escaping @Sendable () -> Void) {
        missing = Mutex(Set(expected))
        self.onZero = onZero
    }

    /// An arrival that was noted before, or was not expected, changes nothing.
    func arrived(_ one: Int) {
        let isLast = missing.withLock { missing in missing.remove(one) != nil && missing.isEmpty }
        if isLast { onZero() }
    }
}
