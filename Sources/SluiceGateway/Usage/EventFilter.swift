import NIOCore

/// Takes a stream of events apart for an ``AnswerReader``, and takes the usage chunk out of it where it is to be hidden.
struct EventFilter: Sendable {
    /// Bytes of one event that may be held back: a longer one is no usage chunk.
    static let maximumHeld = 1_048_576

    private enum Fate {
        /// The event is let through as it comes.
        case passes
        /// It waits for its end.
        case held
    }

    private let hidesUsage: Bool
    private var parser = EventStreamParser()
    private var held = ByteBuffer()
    private var fate: Fate
    private var wasLastHidden = false

    init(hidesUsage: Bool) {
        self.hidesUsage = hidesUsage
        fate = hidesUsage ? .held : .passes
    }

    /// - Returns: what is for the client.
    mutating func take(_ bytes: ByteBuffer, for answer: inout AnswerReader) -> ByteBuffer {
        guard hidesUsage else {
            read(bytes, for: &answer) { _, _ in }
            return bytes
        }
        var output = ByteBuffer()
        var start = 0
        // The fate of an event is known at its end only.
        var ends: [(index: Int, isHidden: Bool)] = []
        read(bytes, for: &answer) { ends.append(($0, $1)) }
        for end in ends {
            pass(bytes, start..<end.index, isHidden: end.isHidden, to: &output)
            start = end.index
            fate = .held
        }
        hold(bytes, from: start, to: &output)
        return output
    }

    /// Calls `event` with the end of each part of the stream and whether it is to be hidden.
    private mutating func read(
        _ bytes: ByteBuffer, for answer: inout AnswerReader, _ event: (Int, Bool) -> Void
    ) {
        bytes.withUnsafeReadableBytes { bytes in
            var index = 0
            while let piece = parser.next(in: bytes, from: &index) {
                switch piece {
                case .data(let range): answer.take(bytes[range])
                case .eventEnd(let end):
                    wasLastHidden = answer.endEvent()
                    event(end, wasLastHidden)
                case .lineFeed(let end): event(end, wasLastHidden)
                }
            }
        }
    }

    private mutating func pass(
        _ bytes: ByteBuffer, _ range: Range<Int>, isHidden: Bool, to output: inout ByteBuffer
    ) {
        if !isHidden || fate == .passes {
            output.writeBuffer(&held)
            output.writeImmutableBuffer(Self.slice(bytes, range))
        }
        held.clear()
    }

    private mutating func hold(_ bytes: ByteBuffer, from start: Int, to output: inout ByteBuffer) {
        let rest = Self.slice(bytes, start..<bytes.readableBytes)
        guard fate == .held else {
            output.writeImmutableBuffer(rest)
            return
        }
        held.writeImmutableBuffer(rest)
        guard held.readableBytes > Self.maximumHeld else { return }
        output.writeBuffer(&held)
        held.clear()
        fate = .passes
    }

    private static func slice(_ bytes: ByteBuffer, _ range: Range<Int>) -> ByteBuffer {
        bytes.getSlice(at: bytes.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }

    /// The stream has ended: its last event may lack the empty line.
    ///
    /// - Returns: what was held back, and is for the client.
    mutating func finish(for answer: inout AnswerReader) -> ByteBuffer {
        let isHidden = answer.endEvent() && fate == .held && hidesUsage
        defer { held = ByteBuffer() }
        return isHidden ? ByteBuffer() : held
    }
}
