import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// A question to an upstream and its answer, which comes at the reader's pace: one part waits for it, and the upstream for that.
///
/// For one reader.
final class UpstreamReply: HTTPClientResponseDelegate {
    typealias Response = Void

    private enum Part: Sendable {
        case head(HTTPResponseHead)
        case bytes(ByteBuffer)
        case end
    }

    private struct State {
        var isSent = false
        /// What waits for the reader, and the promise that is kept when it has come.
        var arrived: (part: Part, isTaken: EventLoopPromise<Void>)?
        var reader: CheckedContinuation<Part, any Error>?
        /// Set once; nothing arrives afterwards.
        var end: Result<Void, any Error>?
        var task: HTTPClient.Task<Void>?
    }

    private let state = Mutex(State())

    /// Whether anything of the question was sent, as far as is known.
    var isSent: Bool { state.withLock { $0.isSent } }

    // MARK: - The reader

    func head() async throws -> HTTPResponseHead {
        guard case .head(let head) = try await next() else { throw ProxyFailure.malformed }
        return head
    }

    /// `nil` at the end.
    func bytes() async throws -> ByteBuffer? {
        switch try await next() {
        case .bytes(let bytes): return bytes
        case .end: return nil
        case .head: throw ProxyFailure.malformed
        }
    }

    /// Ends what has not ended. The last that the reader does.
    func leave() {
        let (reader, arrived, task) = state.withLock { state in
            state.end = state.end ?? .failure(CancellationError())
            return (state.reader.take(), state.arrived.take(), state.task.take())
        }
        reader?.resume(throwing: CancellationError())
        arrived?.isTaken.fail(CancellationError())
        // Closes the connection where the answer is not over. Does nothing where it is.
        task?.cancel()
    }

    private func next() async throws -> Part {
        if let part = try takeArrived() { return part }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { reader in
                let waits = state.withLock { state in
                    guard state.arrived == nil, state.end == nil else { return false }
                    state.reader = reader
                    return true
                }
                if !waits { reader.resume(with: Result { try takeArrived() ?? .end }) }
            }
        } onCancel: {
            leave()
        }
    }

    /// `nil` where nothing has arrived yet.
    private func takeArrived() throws -> Part? {
        let (arrived, end) = state.withLock { state in (state.arrived.take(), state.end) }
        if let arrived {
            arrived.isTaken.succeed()
            return arrived.part
        }
        switch end {
        case nil: return nil
        case .success: return .end
        case .failure(let error): throw error
        }
    }
}

extension UpstreamReply {
    // MARK: - The upstream

    /// Called once, right after the question was handed over; parts of the answer may have arrived.
    func began(_ task: HTTPClient.Task<Void>) {
        let isOver = state.withLock { state in
            if state.end == nil { state.task = task }
            return state.end != nil
        }
        if isOver { task.cancel() }
        // Also of a client that was shut down, which tells its delegates nothing.
        task.futureResult.whenFailure { self.end(.failure($0)) }
    }

    func didSendRequestHead(task: HTTPClient.Task<Void>, _ head: HTTPRequestHead) {
        state.withLock { $0.isSent = true }
    }

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        arrived(.head(head), on: task.eventLoop)
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        arrived(.bytes(buffer), on: task.eventLoop)
    }

    func didFinishRequest(task: HTTPClient.Task<Void>) {
        end(.success(()))
    }

    private func arrived(_ part: Part, on loop: any EventLoop) -> EventLoopFuture<Void> {
        let isTaken = loop.makePromise(of: Void.self)
        let (reader, isOver) = state.withLock { state -> (CheckedContinuation<Part, any Error>?, Bool) in
            guard state.end == nil else { return (nil, true) }
            if let reader = state.reader.take() { return (reader, false) }
            state.arrived = (part, isTaken)
            return (nil, false)
        }
        if let reader {
            isTaken.succeed()
            reader.resume(returning: part)
        } else if isOver {
            isTaken.fail(CancellationError())
        }
        return isTaken.futureResult
    }

    /// The first one counts.
    private func end(_ result: Result<Void, any Error>) {
        let reader = state.withLock { state -> CheckedContinuation<Part, any Error>? in
            guard state.end == nil else { return nil }
            state.end = result
            return state.reader.take()
        }
        reader?.resume(with: result.map { .end })
    }
}
