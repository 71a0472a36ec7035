import Glibc
import SluiceTesting
import Testing

@testable import Postgres

/// Several hosts in one connection string.
struct HostsTests {
    /// A port of 127.0.0.1 on which somebody listens who never says a word.
    private final class SilentServer: Sendable {
        let descriptor: Int32
        let port: Int

        init() throws {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let descriptor = descriptor
            let status = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    bind(descriptor, generic, length) | listen(descriptor, 16)
                        | getsockname(descriptor, generic, &length)
                }
            }
            try #require(status == 0)
            port = Int(UInt16(bigEndian: address.sin_port))
        }

        deinit { close(descriptor) }
    }

    @Test func aDeadFirstHostIsPassedOver() async throws {
        let server = try await PostgresServer.shared()
        let url = "host=/nowhere,\(server.socketFolder) port=\(server.port) user=postgres dbname=postgres"
        let connection = try await Support.connect(url)
        #expect(connection.host == server.socketFolder)
        await connection.close()
    }

    @Test func aSilentFirstHostIsPassedOverAfterItsTime() async throws {
        let server = try await PostgresServer.shared()
        let silent = try SilentServer()
        let url = """
            host=127.0.0.1,\(server.socketFolder) port=\(silent.port),\(server.port) user=postgres dbname=postgres \
            connect_timeout=1
            """
        let connection = try await Support.connect(url)
        #expect(connection.host == server.socketFolder)
        await connection.close()
        withExtendedLifetime(silent) {}
    }

    @Test func aSilentOnlyHostFailsAfterItsTime() async throws {
        let silent = try SilentServer()
        let url = "host=127.0.0.1 port=\(silent.port) user=x dbname=x connect_timeout=1"
        let error = try await Support.postgresError { _ = try await Support.connect(url) }
        #expect(error.code == .connectionFailed)
        withExtendedLifetime(silent) {}
    }

    @Test func connectingIsCancelled() async throws {
        let silent = try SilentServer()
        let url = "host=127.0.0.1 port=\(silent.port) user=x dbname=x connect_timeout=60"
        let task = Task { _ = try await Support.connect(url) }
        task.cancel()
        #expect(try await Support.postgresError { _ = try await task.value }.code == .cancelled)
        withExtendedLifetime(silent) {}
    }

    @Test func theWritableHostIsFound() async throws {
        try await PostgresServer.with(.init(settings: ["default_transaction_read_only": "on"])) { reader in
            let writer = try await PostgresServer.shared()
            let url = """
                host=\(reader.socketFolder),\(writer.socketFolder) port=\(reader.port),\(writer.port) \
                user=postgres dbname=postgres target_session_attrs=read-write
                """
            let connection = try await Support.connect(url)
            #expect(connection.host == writer.socketFolder)
            await connection.close()
            let readOnly = reader.url("target_session_attrs=read-write")
            let error = try await Support.postgresError { _ = try await Support.connect(readOnly) }
            #expect(error.code == .connectionFailed)
            #expect(error.detail?.contains("read-only") ?? false)
        }
    }
}
