package import Hummingbird
import NIOCore

/// Writes JSON for the body of a response. Commas and escapes are its business, nesting the caller's.
package struct JSONWriter {
    // Many small pieces are appended sooner to an array than to a buffer.
    private var bytes: [UInt8] = []
    private var needsComma = false

    package init(capacity: Int = 384) {
        bytes.reserveCapacity(capacity)
    }

    /// What was written.
    package var buffer: ByteBuffer { ByteBuffer(bytes: bytes) }

    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        open("{")
        members(&self)
        close("}")
    }

    package mutating func array(_ elements: (inout JSONWriter) -> Void) {
        open("[")
        elements(&self)
        close("]")
    }

    /// The name of the member whose value is written next: one that needs no escaping.
    package mutating func key(_ name: StaticString) {
        separate()
        write("\"")
        write(name)
        write("\":")
        needsComma = false
    }

    /// A name that somebody else chose.
    package mutating func escapedKey(_ name: String) {
        separate()
        quote(name)
        write(":")
        needsComma = false
    }

    package mutating func string(_ value: String) {
        separate()
        quote(value)
    }

    package mutating func integer(_ value: Int64) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
    }

    package mutating func bool(_ value: Bool) {
        separate()
        write(value ? "true" : "false")
    }

    package mutating func null() {
        separate()
        write("null")
    }

    private mutating func write(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    private mutating func open(_ bracket: StaticString) {
        separate()
        write(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: StaticString) {
        write(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { write(",") }
        needsComma = true
    }

    private mutating func quote(_ text: String) {
        write("\"")
        if text.utf8.contains(where: Self.needsEscape) {
            for byte in text.utf8 { escape(byte) }
        } else {
            bytes.append(contentsOf: text.utf8)
        }
        write("\"")
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): write("\\\"")
        case UInt8(ascii: "\\"): write("\\\\")
        case UInt8(ascii: "\n"): write("\\n")
        case 0..<0x20: bytes.append(contentsOf: ("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)).utf8)
        default: bytes.append(byte)
        }
    }
}

extension JSONWriter {
    package mutating func member(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }

    package mutating func member(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }

    /// `null` where the value is not known.
    package mutating func member(_ name: StaticString, _ value: Int64?) {
        key(name)
        if let value { integer(value) } else { null() }
    }
}
