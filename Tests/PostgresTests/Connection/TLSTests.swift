import Postgres
import SluiceTesting
import Testing

struct TLSTests {
    @Test func theServerIsVerified() async throws {
        let certificates = try await TestCertificates.make()
        let strangers = try await TestCertificates.make()
        let options = PostgresServer.Options(listensOnTCP: true, settings: certificates.serverSettings)
        try await PostgresServer.with(options) { server in
            let verified = "sslmode=verify-full sslrootcert=\(certificates.authority)"
            let connection = try await Support.connect(server.url(overTCP: true, verified))
            #expect(connection.isEncrypted)
            let bytes = [UInt8](repeating: 9, count: 5_000_000)
            let row = try await connection.query("SELECT \(bytes)", deadline: Support.soon)[0]
            #expect(try row.decode([UInt8].self, at: 0) == bytes)
            let late = try await Support.postgresError {
                try await connection.query("SELECT pg_sleep(600)", deadline: .now + .milliseconds(50))
            }
            #expect(late.code == .deadlineExceeded)
            #expect(try await connection.query("SELECT 1", deadline: Support.soon).count == 1)
            await connection.close()

            let stranger = "sslmode=verify-full sslrootcert=\(strangers.authority)"
            let error = try await Support.postgresError {
                _ = try await Support.connect(server.url(overTCP: true, stranger))
            }
            #expect(error.code == .connectionFailed)
            #expect(error.detail?.contains("certificate verify failed") ?? false, "\(error.debugDescription)")
        }
        await certificates.remove()
        await strangers.remove()
    }
}
