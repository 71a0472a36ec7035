/// Finds the end of one HTTP/1.1 message in the bytes of a connection. Understands what the gateway and its SDKs send.
struct Message {
    private(set) var bytes: [UInt8] = []
    private var bodyStart: Int?
    private var length: Int?
    private var isChunked = false

    var status: Int { bytes.count < 12 ? 0 : bytes[9..<12].reduce(0) { $0 * 10 + Int($1) - 48 } }

    var isComplete: Bool {
        guard let bodyStart else { return false }
        if let length { return bytes.count >= bodyStart + length }
        return !isChunked || bytes.count >= bodyStart + 5 && bytes.suffix(5).elementsEqual("0\r\n\r\n".utf8)
    }

    /// - Returns: whether there was anything to read.
    mutating func read(from connection: borrowing Connection) -> Bool {
        guard connection.receive(into: &bytes) else { return false }
        if bodyStart == nil { findBody() }
        return true
    }

    mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        (bodyStart, length, isChunked) = (nil, nil, false)
    }

    func contains(_ text: String) -> Bool { Self.find(Array(text.utf8), in: bytes[...]) != nil }

    private mutating func findBody() {
        guard let end = Self.find(Array("\r\n\r\n".utf8), in: bytes[...]) else { return }
        bodyStart = end + 4
        for line in bytes[..<end].split(separator: UInt8(ascii: "\n")) { read(line) }
    }

    private mutating func read(_ line: ArraySlice<UInt8>) {
        let text = String(decoding: line, as: UTF8.self).lowercased()
        if text.contains("content-length:") {
            length = text.split(separator: ":").last.flatMap { Int(String($0.filter(\.isNumber))) }
        } else if text.contains("transfer-encoding:") {
            isChunked = text.contains("chunked")
        }
    }

    private static func find(_ needle: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= needle.count else { return nil }
        return (bytes.startIndex...(bytes.endIndex - needle.count)).first { start in
            bytes[start] == needle[0] && bytes[start..<(start + needle.count)].elementsEqual(needle)
        }
    }
}
