import ServiceLifecycle
import Sluice

/// Has the ``OutageLog`` written once a second, and a last time when everything else has stopped.
struct OutageReporter: Service {
    let log: OutageLog
    let sluice: Sluice

    func run() async {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .seconds(1))) != nil { write() }
        }
        write(isLast: true)
    }

    private func write(isLast: Bool = false) {
        log.write(waiting: sluice.journal?.records ?? 0, isLast: isLast)
    }
}
