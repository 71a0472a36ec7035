import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import SluiceCore

/// One call to an upstream from its beginning to its end. It does not need the client to end.
struct UpstreamCall: Sendable {
    let call: ProxyCall
    let asker: UpstreamAsker
    let loop: any EventLoop
    let relay: Relay<AnswerPart>
    let watchdog: Watchdog
    let logger: Logger

    private var timeouts: UpstreamTimeouts { call.upstream.timeouts }
    private var readsOn: Bool { call.upstream.onHangUp != .cancel }

    /// Asks, and gives the relay the answer. Cancelling the task stops it.
    func run() async -> ProxyEnd {
        let start = ContinuousClock.now
        var tally = CallTally(call)
        let failure = await converse(&tally)
        watchdog.end()
        // Before the relay's end: afterwards it is too late to tell who went first. Who left with all in hand has not gone.
        let hasLeft = relay.hasLeft
        relay.end(failure)
        let ended: ProxyEnd.Ending =
            if hasLeft, failure != nil || tally.isDrained { .clientGone } else if let failure {
                failure == .timedOut ? .upstreamTimedOut : .upstreamFailed(failure)
            } else { .complete }
        return ProxyEnd(
            status: tally.status, usage: tally.usage, ended: ended, duration: .now - start,
            isDrained: tally.isDrained)
    }

    private func converse(_ tally: inout CallTally) async -> ProxyFailure? {
        do {
            watchdog.wait(timeouts.firstByte)
            let reply = try asker.ask(call, on: loop)
            defer { reply.leave() }
            tally.reply = reply
            let response = try await reply.head()
            watchdog.wait(nil)
            let code = Int(response.status.code)
            tally.answered(status: code)
            let head = try AnswerHead(status: code, headers: response.headers, of: call.upstream)
            var reader = PassingAnswer(call, head)
            guard await give(.head(reader.head), &tally) else { throw CancellationError() }
            defer { tally.read(reader) }
            try await pass(reply, &reader, &tally)
            return nil
        } catch {
            return failure(of: error, tally)
        }
    }

    private func pass(
        _ reply: UpstreamReply, _ reader: inout PassingAnswer, _ tally: inout CallTally
    ) async throws {
        watchdog.wait(timeouts.idle)
        while let bytes = try await reply.bytes() {
            watchdog.wait(nil)
            let bytes = reader.take(bytes)
            guard bytes.readableBytes == 0 ? mayGoOn(&tally) : await give(.chunk(bytes), &tally) else {
                throw CancellationError()
            }
            watchdog.wait(timeouts.idle)
        }
        let rest = reader.finish()
        guard rest.readableBytes > 0 else { return }
        guard await give(.chunk(rest), &tally) else { throw CancellationError() }
    }

    /// - Returns: whether to go on.
    private func give(_ part: AnswerPart, _ tally: inout CallTally) async -> Bool {
        if await relay.offer(part) { return true }
        return mayGoOn(&tally)
    }

    private func mayGoOn(_ tally: inout CallTally) -> Bool {
        guard !Task.isCancelled else { return false }
        guard relay.hasLeft else { return true }
        tally.isDrained = readsOn
        return readsOn
    }

    private func failure(of error: any Error, _ tally: CallTally) -> ProxyFailure {
        if watchdog.hasExpired { return .timedOut }
        if let failure = error as? ProxyFailure { return failure }
        if Task.isCancelled { return .shutDown }
        let failure = ProxyFailure(error, isSent: tally.reply?.isSent ?? false)
        logger.debug(
            "The upstream failed",
            metadata: [
                "upstream": "\(call.upstream.name)", "failure": "\(failure)",
                "error": "\((error as? HTTPClientError)?.shortDescription ?? "\(error)")",
            ])
        return failure
    }
}
