import Glibc

/// A connection to a replica that blocks its thread and is kept from call to call: it measures the replica, not itself.
///
/// For one thread at a time.
public final class PlainHTTP {
    /// What was answered.
    public struct Answer: Sendable {
        public let status: Int
        private let bytes: [UInt8]
        private let bodyStart: Int

        fileprivate init?(_ bytes: [UInt8], bodyStart: Int) {
            guard bytes.count > 12, let status = Int(String(decoding: bytes[9..<12], as: UTF8.self)) else { return nil }
            self.status = status
            self.bytes = bytes
            self.bodyStart = bodyStart
        }

        public var head: String { String(decoding: bytes[..<bodyStart], as: UTF8.self) }
        public var body: String { String(decoding: bytes[bodyStart...], as: UTF8.self) }

        /// What follows a text in the answer, up to the next quote, comma, brace or end of line.
        public func value(after prefix: String) -> String? {
            guard let start = bytes.position(of: prefix) else { return nil }
            let rest = bytes[(start + prefix.utf8.count)...]
            let end = rest.firstIndex { [0x22, 0x2C, 0x7D, 0x0D, 0x0A].contains($0) } ?? rest.endIndex
            return String(decoding: rest[rest.startIndex..<end], as: UTF8.self)
        }
    }

    private let port: Int
    private let patience: Int
    private var descriptor: Int32?

    /// - Parameter patience: seconds after which a call counts as unanswered.
    public init(port: Int, patience: Int = 20) {
        self.port = port
        self.patience = patience
    }

    deinit { disconnect() }

    public func post(_ path: String, _ body: String) -> Answer? {
        ask(
            "POST \(path) HTTP/1.1\r\nhost: sluice\r\nauthorization: Bearer \(ReplicaProcess.serviceKey)\r\n"
                + "content-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    public func get(_ path: String) -> Answer? {
        ask("GET \(path) HTTP/1.1\r\nhost: sluice\r\nauthorization: Bearer \(ReplicaProcess.serviceKey)\r\n\r\n")
    }

    /// - Returns: `nil` when no answer came, after which the next call connects anew. The question may have arrived.
    private func ask(_ request: String) -> Answer? {
        guard let descriptor = descriptor ?? LoopbackSocket.connect(to: port, patience: patience) else { return nil }
        self.descriptor = descriptor
        var request = request
        let isSent = request.withUTF8 { bytes in
            send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
        }
        guard isSent, let answer = receive(descriptor) else {
            disconnect()
            return nil
        }
        return answer
    }

    private func receive(_ descriptor: Int32) -> Answer? {
        var bytes: [UInt8] = []
        var end: (head: Int, all: Int)?
        while end.map({ bytes.count < $0.all }) ?? true {
            let more = [UInt8](unsafeUninitializedCapacity: 16_384) { buffer, count in
                count = max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
            }
            guard !more.isEmpty else { return nil }
            bytes = bytes.isEmpty ? more : bytes + more
            if end == nil, let head = bytes.position(of: "\r\n\r\n") {
                guard let length = Self.length(bytes[..<head]) else { return nil }
                end = (head + 4, head + 4 + length)
            }
        }
        return end.flatMap { Answer(bytes, bodyStart: $0.head) }
    }

    private static func length(_ head: ArraySlice<UInt8>) -> Int? {
        for name in ["ontent-length: ", "ontent-Length: "] {
            guard let start = Array(head).position(of: name) else { continue }
            let digits = head[(start + name.utf8.count)...].prefix { (0x30...0x39).contains($0) }
            return Int(String(decoding: digits, as: UTF8.self))
        }
        return nil
    }

    private func disconnect() {
        if let descriptor { close(descriptor) }
        descriptor = nil
    }
}

extension [UInt8] {
    fileprivate func position(of text: String) -> Int? {
        var text = text
        return withUnsafeBytes { all in text.withUTF8 { Self.position(of: UnsafeRawBufferPointer($0), in: all) } }
    }

    private static func position(of wanted: UnsafeRawBufferPointer, in all: UnsafeRawBufferPointer) -> Int? {
        guard let base = all.baseAddress, let pattern = wanted.baseAddress, let first = wanted.first else { return nil }
        var start = 0
        while start + wanted.count <= all.count {
            guard let found = memchr(base + start, Int32(first), all.count - wanted.count + 1 - start) else {
                return nil
            }
            start = UnsafeRawPointer(found) - base
            if memcmp(base + start, pattern, wanted.count) == 0 { return start }
            start += 1
        }
        return nil
    }
}
