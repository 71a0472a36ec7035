import ServiceLifecycle

/// A service that starts when something has happened.
struct Deferred: Service {
    let start: OneShot
    let base: any Service

    func run() async throws {
        await cancelWhenGracefulShutdown { await start.wait() }
        if start.hasHappened { try await base.run() }
    }
}
