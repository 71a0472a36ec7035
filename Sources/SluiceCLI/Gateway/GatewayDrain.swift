import ServiceLifecycle
import SluiceGateway

/// Ends what is under way to upstreams once the HTTP service has stopped, and waits until all of it is settled.
struct GatewayDrain: Service {
    let proxy: GatewayProxy

    func run() async {
        try? await gracefulShutdown()
        // Whatever cancels this part, the client has to be closed.
        await Task { await proxy.shutdown() }.value
    }
}
