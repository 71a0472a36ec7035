import ServiceLifecycle
import SluiceGateway

/// Ends what is under way to upstreams at shutdown, and waits until all of it is settled: once the HTTP service has stopped, or
/// while it still waits for long answers, as long as there is time to settle what they took.
struct GatewayDrain: Service {
    let proxy: GatewayProxy
    /// What answers get from the beginning of the shutdown.
    let patience: Duration
    private let begun = OneShot()

    init(proxy: GatewayProxy, patience: Duration) {
        self.proxy = proxy
        self.patience = patience
    }

    /// Tells of the beginning of the shutdown: a part that stops before all others.
    var bell: some Service { Bell(begun: begun) }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await begun.wait()
                guard !Task.isCancelled, (try? await Task.sleep(for: patience)) != nil else { return }
                await proxy.endCalls()
            }
            try? await gracefulShutdown()
            group.cancelAll()
        }
        // Whatever cancels this part, the client has to be closed.
        await Task { await proxy.shutdown() }.value
    }

    private struct Bell: Service {
        let begun: OneShot

        func run() async {
            try? await gracefulShutdown()
            begun.happen()
        }
    }
}
