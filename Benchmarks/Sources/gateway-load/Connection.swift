import Glibc

/// A blocking TCP connection over the loopback. One thread uses it.
struct Connection: ~Copyable {
    private let descriptor: Int32

    init(descriptor: Int32) {
        self.descriptor = descriptor
        Self.enable(TCP_NODELAY, of: Int32(IPPROTO_TCP), on: descriptor)
    }

    /// - Throws: ``SocketError`` when nobody listens there.
    init(port: UInt16) throws {
        descriptor = Self.socket()
        Self.enable(TCP_NODELAY, of: Int32(IPPROTO_TCP), on: descriptor)
        let result = Self.withAddress(port) { [descriptor] in connect(descriptor, $0, $1) }
        guard result == 0 else { throw SocketError(call: "connect to port \(port)", code: errno) }
    }

    deinit { close(descriptor) }

    /// - Returns: whether all of it could be sent.
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Waits for bytes and adds them to `buffer`.
    ///
    /// - Returns: whether there were any; `false` at the end of the connection.
    func receive(into buffer: inout [UInt8]) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { space in
            let count = recv(descriptor, space.baseAddress, space.count, 0)
            guard count > 0 else { return false }
            buffer += space[..<count]
            return true
        }
    }

    static func socket() -> Int32 { Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }

    static func enable(_ option: Int32, of level: Int32, on descriptor: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// 127.0.0.1 and `port`, as the system calls want it.
    static func withAddress<Result>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// A system call that failed, and its `errno`.
struct SocketError: Error, CustomStringConvertible {
    let call: String
    let code: Int32

    var description: String { "\(call): \(String(cString: strerror(code)))" }
}
