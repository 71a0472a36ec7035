package import Logging
package import SluiceCore
package import SluiceGateway

/// Asks models for calls that were let through, and sees to it that each is settled, whatever becomes of it.
///
/// Only this talks to upstreams, and only for an ``AdmittedCall``: so nothing that reaches a model goes uncounted.
package struct ModelDesk: Sendable {
    private let proxy: GatewayProxy
    private let settler: any Settler
    private let metrics: UpstreamMetrics
    private let logger: Logger

    package init(proxy: GatewayProxy, settler: any Settler, metrics: UpstreamMetrics, logger: Logger) {
        self.proxy = proxy
        self.settler = settler
        self.metrics = metrics
        self.logger = logger
    }

    /// Passes a call on and returns when its answer begins.
    func forward(
        _ call: ProxyCall, from client: ProxyClient, for admitted: AdmittedCall, on route: ServiceRoute
    ) async -> ProxyAnswer {
        await proxy.forward(call, from: client) { end in
            metrics.ended(route, upstream: call.upstream.name, ending: end.ended.word, after: end.duration)
            await settle(admitted, end)
        }
    }

    /// Asks a model and waits for all of its answer; the caller settles it by ``settle(_:usage:basis:model:status:duration:)``.
    func complete(
        _ body: [UInt8], on upstream: Upstream, for admitted: AdmittedCall, deadline: ContinuousClock.Instant
    ) async throws(ProxyFailure) -> (status: Int, bytes: [UInt8]) {
        try await proxy.complete(body: body, on: upstream, deadline: deadline)
    }

    private func settle(_ admitted: AdmittedCall, _ end: ProxyEnd) async {
        await settle(
            admitted, usage: end.usage.usage, basis: end.basis, model: end.usage.model, status: end.status,
            duration: end.duration)
    }

    /// Takes down what a call took. Where neither the ledger nor the journal can, the call's lease sees to it.
    func settle(
        _ admitted: AdmittedCall, usage: TokenUsage, basis: Settlement.Basis, model: String?, status: Int?,
        duration: Duration
    ) async {
        do {
            // A name that is too long for the ledger is the provider's slip: the tokens count nonetheless.
            let model = model.flatMap { $0.utf8.count <= Call.maximumLabelBytes && !$0.utf8.contains(0) ? $0 : nil }
            let settlement = try Settlement(
                user: admitted.call.user, callID: admitted.call.id, admittedAt: admitted.admission.admittedAt,
                model: model ?? admitted.call.model, usage: usage, basis: basis,
                status: status.map { Int16(clamping: $0) }, duration: duration)
            _ = try await settler.settle(settlement)
        } catch {
            logger.error(
                "a call could not be settled: its reservation is booked when its lease ends",
                metadata: ["call_id": "\(admitted.call.id)", "reason": "\(error)"])
        }
    }

    /// What the provider says of its models; reaches none.
    func list(_ call: ProxyCall, from client: ProxyClient) async -> ProxyAnswer {
        await proxy.forward(call, from: client) { _ in }
    }
}

extension ProxyEnd.Ending {
    /// For metrics.
    var word: String {
        switch self {
        case .complete: "complete"
        case .clientGone: "client_gone"
        case .upstreamFailed: "upstream_failed"
        case .upstreamTimedOut: "upstream_timed_out"
        }
    }
}
