/// Finds the data of events in a stream of them (`text/event-stream` of the HTML standard), cut at any byte.
struct EventStreamParser: Sendable {
    enum Piece: Equatable {
        /// Bytes of the data of the event that is being read; where it has several lines, without their ends.
        case data(Range<Int>)
        /// The event ends before this index.
        case eventEnd(Int)
        /// A line feed ends before this index that belongs to the end of the last event.
        case lineFeed(Int)
    }

    private enum Line {
        /// That many bytes of `data:` were read.
        case name(Int)
        /// One space after the colon does not count.
        case colon
        case data
        case other
    }

    private static let name = Array("data:".utf8)
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")

    private var line = Line.name(0)
    private var followsReturn = false
    private var followsEvent = false

    /// The next piece in `bytes` from `index` on, which moves behind it; `nil` when there is none any more.
    mutating func next(in bytes: UnsafeRawBufferPointer, from index: inout Int) -> Piece? {
        while index < bytes.count {
            let byte = bytes[index]
            if byte == Self.lineFeed, followsReturn {
                index += 1
                followsReturn = false
                if followsEvent { return .lineFeed(index) }
                continue
            }
            followsReturn = false
            followsEvent = false
            if byte == Self.lineFeed || byte == Self.carriageReturn {
                index += 1
                if endLine(with: byte) { return .eventEnd(index) }
            } else if let data = takeLine(bytes, from: &index) {
                return .data(data)
            }
        }
        return nil
    }

    /// Whether it was an empty line, which ends an event.
    private mutating func endLine(with byte: UInt8) -> Bool {
        followsReturn = byte == Self.carriageReturn
        if case .name(0) = line { followsEvent = true }
        line = .name(0)
        return followsEvent
    }

    private mutating func takeLine(_ bytes: UnsafeRawBufferPointer, from index: inout Int) -> Range<Int>? {
        switch line {
        case .name(let count):
            let matches = bytes[index] == Self.name[count]
            line = !matches ? .other : count + 1 == Self.name.count ? .colon : .name(count + 1)
            index += 1
        case .colon:
            line = .data
            if bytes[index] == UInt8(ascii: " ") { index += 1 }
        case .data:
            let start = index
            index = Self.lineEnd(bytes, from: start)
            return start..<index
        case .other:
            index = Self.lineEnd(bytes, from: index)
        }
        return nil
    }

    private static func lineEnd(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var end = start
        while end < bytes.count, bytes[end] != lineFeed, bytes[end] != carriageReturn { end += 1 }
        return end
    }
}
