import SluiceCore

/// Little-endian writing.
extension [UInt8] {
    mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    mutating func append(_ bits: UUIDBits) {
        Swift.withUnsafeBytes(of: (bits.high.bigEndian, bits.low.bigEndian)) { append(contentsOf: $0) }
    }

    /// A length of two bytes, then the text.
    mutating func append(labelled text: String) {
        append(littleEndian: UInt16(truncatingIfNeeded: text.utf8.count))
        append(contentsOf: text.utf8)
    }
}

/// Reads values from the front of some bytes; `nil` where they end too soon.
struct ByteCursor {
    private var rest: Slice<UnsafeRawBufferPointer>

    init(_ bytes: UnsafeRawBufferPointer) {
        rest = bytes[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) -> Value? {
        guard let bytes = take(MemoryLayout<Value>.size) else { return nil }
        return Value(littleEndian: bytes.loadUnaligned(as: Value.self))
    }

    mutating func bits() -> UUIDBits? {
        guard let high = integer(UInt64.self), let low = integer(UInt64.self) else { return nil }
        return UUIDBits(high: high.byteSwapped, low: low.byteSwapped)
    }

    mutating func label() -> String? {
        guard let count = integer(UInt16.self) else { return nil }
        return text(Int(count))
    }

    /// `nil` also when the bytes are not UTF-8.
    mutating func text(_ count: Int) -> String? {
        guard let bytes = take(count) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return UnsafeRawBufferPointer(rebasing: rest.prefix(count))
    }
}
