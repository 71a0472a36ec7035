import ServiceLifecycle

/// Something that works in the background until the replica stops.
struct Background: Service {
    private let work: @Sendable () async -> Void

    /// - Parameter work: runs until its task is cancelled.
    init(_ work: @escaping @Sendable () async -> Void) {
        self.work = work
    }

    func run() async {
        await cancelWhenGracefulShutdown { await work() }
        // A part that ends before the replica does would end it.
        try? await gracefulShutdown()
    }
}
