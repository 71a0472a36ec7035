import AsyncHTTPClient
import HTTPTypes
package import Logging
import NIOCore
import SluiceCore

/// Asks upstreams on behalf of clients, and brings back what they answer as it comes.
///
/// It follows no redirects and uses no proxies of the environment, as both would take the keys elsewhere, and it repeats nothing:
/// clients do. HTTP/1.1 only: with HTTP/2 all calls to an upstream would share one connection and wait for each other.
package final class GatewayProxy: Sendable {
    /// For what is no call.
    let client: HTTPClient
    private let asker: UpstreamAsker
    private let running = RunningCalls()
    private let logger: Logger

    /// - Parameter connectTimeout: for a connection with TLS to stand.
    package init(connectTimeout: Duration = .seconds(5), logger: Logger) {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(connectTimeout)),
            decompression: .disabled)
        configuration.httpVersion = .http1Only
        // Below the minute after which most servers close what is silent, so that a question doesn't meet a closing one.
        configuration.connectionPool.idleTimeout = .seconds(30)
        // Each answer holds its connection for as long as the model talks.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 16_384
        configuration.connectionPool.retryConnectionEstablishment = false
        // Spans would be made for nobody.
        configuration.tracing.tracer = nil
        configuration.http1_1ConnectionDebugInitializer = { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(FlushGatherer(), position: .first)
            }
        }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        asker = UpstreamAsker(configuration)
        self.logger = logger
    }

    /// How many calls are under way, those whose clients have gone included.
    package var callsUnderWay: Int { running.count }

    /// Asks an upstream, and returns when its answer begins or there is none.
    ///
    /// The call goes on without this function and without the reader of the answer, until its end. Cancelling the task before there
    /// is an answer is the client's leaving.
    ///
    /// - Parameter onEnd: called exactly once, whatever happens; not in this task, and never cancelled.
    package func forward(
        _ call: ProxyCall, from client: ProxyClient = ProxyClient(),
        onEnd: @escaping @Sendable (ProxyEnd) async -> Void
    ) async -> ProxyAnswer {
        let relay = Relay<AnswerPart>()
        // The current one, if this task runs on one.
        let loop = asker.loop
        let watchdog = Watchdog(on: loop, total: call.upstream.timeouts.total)
        let upstreamCall = UpstreamCall(
            call: call, asker: asker, loop: loop, relay: relay, watchdog: watchdog, logger: logger)
        guard let stop = running.start(on: client.executor, { await upstreamCall.run() }, afterwards: onEnd) else {
            await onEnd(.notStarted(call))
            return .failed(.shutDown)
        }
        watchdog.whenExpired(stop)
        relay.whenLeft {
            switch call.upstream.onHangUp {
            case .cancel: stop()
            case .drain(let limit): watchdog.limit(to: limit)
            }
        }
        client.whenGone { relay.leave() }
        return await answer(ClientEnd(relay))
    }

    private func answer(_ client: ClientEnd) async -> ProxyAnswer {
        switch await client.relay.next() {
        case .element(.head(let head)):
            .answered(
                ProxyResponse(
                    status: head.status, headers: head.headers, contentLength: head.contentLength,
                    isUpstreamLimit: head.status == .tooManyRequests, body: ProxyBody(client: client)))
        case .ended(let failure?): .failed(failure)
        case .element(.chunk), .ended(nil), .left: .failed(.closed)
        }
    }

    /// Ends the calls under way and returns when each one's end was heard; new ones fail from now on.
    package func endCalls() async {
        await running.close()
    }

    /// Does that, and closes all connections. Called once, last.
    package func shutdown() async {
        await endCalls()
        do {
            try await asker.shutdown()
            try await client.shutdown()
        } catch {
            logger.debug("The client for upstreams was shut down already", metadata: ["error": "\(error)"])
        }
    }
}

extension ProxyEnd {
    fileprivate static func notStarted(_ call: ProxyCall) -> ProxyEnd {
        let nothing = UsageResult(usage: .zero, basis: .measured, model: nil, isComplete: true)
        return ProxyEnd(
            status: nil, usage: nothing, ended: .upstreamFailed(.shutDown), duration: .zero, isDrained: false)
    }
}
