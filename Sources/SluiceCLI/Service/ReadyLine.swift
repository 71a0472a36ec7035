import ServiceLifecycle
import Sluice
import Synchronization

/// Tells a parent, by a line on standard output, that this replica decides calls.
final class ReadyLine: Service {
    private let schema: @Sendable () -> SchemaState
    private let isListening = OneShot()
    private let port = Mutex<Int?>(nil)

    /// - Parameter schema: what is known of it; nobody signals when it changes.
    init(schema: @escaping @Sendable () -> SchemaState) {
        self.schema = schema
    }

    func listening(on port: Int?) {
        self.port.withLock { $0 = port }
        isListening.happen()
    }

    func run() async {
        await cancelWhenGracefulShutdown {
            await self.isListening.wait()
            while !Task.isCancelled {
                if case .ready = self.schema() {
                    return Terminal.print("\(Replica.readyLine) \(self.port.withLock { $0 } ?? 0)")
                }
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
