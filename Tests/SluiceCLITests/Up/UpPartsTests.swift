import Foundation
import Glibc
import Testing

@testable import SluiceCLI

@Suite("Parts of sluice up")
struct UpPartsTests {
    @Test("Ports", arguments: [("8080,8081", [8080, 8081]), ("1", [1])])
    func ports(_ text: String, _ ports: [Int]) throws {
        #expect(try UpPorts(text, source: "x").ports == ports)
    }

    @Test("Wrong ports", arguments: ["", "8080,", "0", "65536", "8080 8081", "80a", "80,80"])
    func wrongPorts(_ text: String) {
        let error = #expect(throws: ConfigurationError.self) { try UpPorts(text, source: "SLUICE_UP_PORTS") }
        #expect(error?.problems.first?.key == "SLUICE_UP_PORTS")
    }

    @Test("A port that is taken is refused with its owner and the way out")
    func takenPort() throws {
        let listener = try Listener()
        let error = #expect(throws: CommandError.self) {
            try UpPorts("\(listener.port)", source: "x").checkFree(host: "127.0.0.1")
        }
        #expect(error?.status == .unavailable)
        #expect(error?.description.contains("(process \(getpid()))") == true)
        #expect(error?.description.contains("SLUICE_UP_PORTS=") == true)
    }

    @Test("Only listening sockets of that very port count")
    func table() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0
               1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 222 1 0
               2: 0100007F:C350 0100007F:1F90 0A 00000000:00000000 00:00000000 00000000     0        0 333 1 0
            """
        #expect(PortOwner.listeningInodes(port: 8080, table: table) == ["111"])
        #expect(PortOwner.listeningInodes(port: 80, table: table) == [])
    }

    @Test("The key is made once, kept, and closed to others")
    func key() async throws {
        try await withTemporaryFolder { folder in
            let file = ServiceKeyFile(path: "\(folder)/key")
            let key = try file.key()
            #expect(key.count == 64 && key.allSatisfy(\.isHexDigit))
            #expect(try file.key() == key)
            #expect(try ServiceKeyFile(path: "\(folder)/other").key() != key)
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            try "short\n".write(toFile: file.path, atomically: true, encoding: .utf8)
            #expect(throws: CommandError.self) { try file.key() }
        }
    }
}

/// Holds a free port of this machine.
final class Listener {
    let port: Int
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) == 0 && listen(descriptor, 1) == 0
                    && getsockname(descriptor, address, &size) == 0
            }
        }
        try #require(isBound)
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }

    /// Ports that were free a moment ago.
    static func freePorts(_ count: Int) throws -> [Int] {
        let listeners = try (0..<count).map { _ in try Listener() }
        return listeners.map(\.port)
    }
}
