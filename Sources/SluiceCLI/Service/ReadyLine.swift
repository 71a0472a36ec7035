import ServiceLifecycle
import Sluice
import Synchronization

/// Tells a parent, by a line on standard output, that this replica decides calls.
final class ReadyLine: Service {
    private let sluice: Sluice
    private let isListening = OneShot()
    private let port = Mutex<Int?>(nil)

    init(_ sluice: Sluice) {
        self.sluice = sluice
    }

    func listening(on port: Int?) {
        self.port.withLock { $0 = port }
        isListening.happen()
    }

    func run() async {
        await cancelWhenGracefulShutdown {
            await self.isListening.wait()
            guard await self.sluice.ready() else { return }
            Terminal.print("\(Replica.readyLine) \(self.port.withLock { $0 } ?? 0)")
        }
    }
}
