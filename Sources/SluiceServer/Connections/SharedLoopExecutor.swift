import Hummingbird
import NIOCore
import Synchronization

/// Runs tasks that serve many connections on the connections' event loops: each time on the loop that asks for it, and what another
/// thread asks for on the loop that asked last, where most likely somebody waits for it.
///
/// Nothing that runs here may block.
package final class SharedLoopExecutor: TaskExecutor {
    private let group: any EventLoopGroup
    private let loops: [any EventLoop]
    private let indices: [ObjectIdentifier: Int]
    private let latest = Atomic(0)

    package init() {
        group = EventLoopGroupProvider.singleton.eventLoopGroup
        loops = Array(group.makeIterator())
        indices = Dictionary(uniqueKeysWithValues: loops.enumerated().map { (ObjectIdentifier($1), $0) })
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop().execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    private func loop() -> any EventLoop {
        // The current one, if this is one's thread.
        let loop = group.any()
        guard loop.inEventLoop, let index = indices[ObjectIdentifier(loop)] else {
            return loops[latest.load(ordering: .relaxed)]
        }
        if latest.load(ordering: .relaxed) != index { latest.store(index, ordering: .relaxed) }
        return loop
    }
}
