import Glibc
import ServiceLifecycle

/// Ends when standard input does: the parent that holds its other end has closed it, or is gone.
struct ParentWatch: Service {
    func run() async {
        let isOver = OneShot()
        // A thread of its own that blocks in `read` and ends with the process: nothing has to be cancelled, or can race.
        let thread = BlockingThread {
            Self.readToEnd(); isOver.happen()
        }
        guard thread.start() else { return }
        await cancelWhenGracefulShutdown { await isOver.wait() }
    }

    private static func readToEnd() {
        var bytes = [UInt8](repeating: 0, count: 512)
        while true {
            let count = read(STDIN_FILENO, &bytes, bytes.count)
            if count == 0 || (count < 0 && errno != EINTR) { return }
        }
    }
}
