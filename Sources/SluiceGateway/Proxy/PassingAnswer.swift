import HTTPTypes
import NIOCore

/// Reads an answer's bytes as they go by, and changes those that the client is not to see.
struct PassingAnswer {
    private enum Way {
        /// A model's answer.
        case usage(UsageReader)
        /// An error, which may quote the key.
        case masked(KeyMask)
        case untouched
    }

    private(set) var head: AnswerHead
    private var way: Way

    init(_ call: ProxyCall, _ head: AnswerHead) {
        guard head.isSuccess else {
            self.head = head
            way = .masked(KeyMask(call.upstream.key))
            return
        }
        guard case .call(let kind, let request) = call.question else {
            self.head = head
            way = .untouched
            return
        }
        let hidesUsage = request.hidesUsage && head.isEventStream
        self.head = head
        if hidesUsage { self.head.contentLength = nil }
        way = .usage(
            UsageReader(kind: kind, isStream: head.isEventStream, hidesUsage: hidesUsage, request: request))
    }

    /// - Returns: `nil` where there is none to be read.
    var usage: UsageResult? {
        if case .usage(let reader) = way { reader.result } else { nil }
    }

    mutating func take(_ bytes: ByteBuffer) -> ByteBuffer {
        switch way {
        case .usage(var reader):
            way = .untouched
            defer { way = .usage(reader) }
            return reader.take(bytes)
        case .masked(var mask):
            defer { way = .masked(mask) }
            return mask.take(bytes)
        case .untouched:
            return bytes
        }
    }

    mutating func finish() -> ByteBuffer {
        switch way {
        case .usage(var reader):
            defer { way = .usage(reader) }
            return reader.finish()
        case .masked(var mask):
            return mask.finish()
        case .untouched:
            return ByteBuffer()
        }
    }
}
