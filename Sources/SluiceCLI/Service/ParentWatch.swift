import Dispatch
import Glibc
import ServiceLifecycle

/// Ends when standard input does: the parent that holds its other end has closed it, or is gone.
struct ParentWatch: Service {
    func run() async {
        let isOver = OneShot()
        let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO)
        source.setEventHandler {
            var bytes = [UInt8](repeating: 0, count: 512)
            let count = read(STDIN_FILENO, &bytes, bytes.count)
            if count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN) { isOver.happen() }
        }
        source.activate()
        await cancelWhenGracefulShutdown { await isOver.wait() }
        source.cancel()
    }
}
