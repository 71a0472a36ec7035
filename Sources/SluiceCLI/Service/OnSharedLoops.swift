import ServiceLifecycle
import SluiceServer

/// A service whose work is part of many requests', on the threads that serve them. It does not block.
struct OnSharedLoops: Service {
    let base: any Service

    func run() async throws {
        try await withTaskExecutorPreference(SharedLoopExecutor()) { try await base.run() }
    }
}
