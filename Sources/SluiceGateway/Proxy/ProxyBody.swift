package import NIOCore

/// The bytes of an answer as they come from the upstream, at the reader's pace: at most one chunk waits.
///
/// Who stops reading has gone: when this and its iterator are dropped, or the reading task is cancelled, the call ends as
/// ``HangUpPolicy`` says. An answer that the upstream breaks off ends with an error, so that the client's connection does not
/// look complete.
package struct ProxyBody: AsyncSequence, Sendable {
    package typealias Element = ByteBuffer

    package struct AsyncIterator: AsyncIteratorProtocol, Sendable {
        fileprivate let client: ClientEnd
        /// Dropped with the iterator, even where the body itself is kept.
        fileprivate let ownEnd: ClientEnd

        /// - Throws: ``ProxyFailure`` when the upstream broke off; `CancellationError` when the task was cancelled.
        package mutating func next() async throws -> ByteBuffer? {
            switch await client.relay.next() {
            case .element(.chunk(let bytes)): return bytes
            case .element(.head): throw ProxyFailure.malformed
            case .ended(nil): return nil
            case .ended(let failure?): throw failure
            case .left: throw CancellationError()
            }
        }
    }

    let client: ClientEnd

    /// Whoever reads has gone, whether it is reading at this moment or not.
    package func leave() { client.relay.leave() }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(client: client, ownEnd: ClientEnd(client.relay)) }
}

/// The client's end of a relay: when it is dropped, the client has gone.
final class ClientEnd: Sendable {
    let relay: Relay<AnswerPart>

    init(_ relay: Relay<AnswerPart>) {
        self.relay = relay
    }

    deinit { relay.leave() }
}

/// What goes from the upstream's side to the client's.
enum AnswerPart: Sendable {
    case head(AnswerHead)
    case chunk(ByteBuffer)
}
