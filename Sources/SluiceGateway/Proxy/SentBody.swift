import NIOCore
import Synchronization

/// A request's body that knows whether it was sent: it is asked for only when there is a connection and the head is on its way.
final class SentBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var bytes: ByteBuffer?

        mutating func next() async -> ByteBuffer? { bytes.take() }
    }

    let bytes: ByteBuffer
    private let isAskedFor = Atomic(false)

    init(_ bytes: [UInt8]) {
        self.bytes = ByteBuffer(bytes: bytes)
    }

    var isSent: Bool { isAskedFor.load(ordering: .acquiring) }

    func makeAsyncIterator() -> AsyncIterator {
        isAskedFor.store(true, ordering: .releasing)
        return AsyncIterator(bytes: bytes)
    }
}
