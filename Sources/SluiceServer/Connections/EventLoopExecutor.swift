import NIOCore

/// Runs tasks on the event loop of one connection.
///
/// So a request is read, decided, passed on and answered by one thread: waking another for each of these steps takes longer than
/// the steps. Nothing that runs here may block.
final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
