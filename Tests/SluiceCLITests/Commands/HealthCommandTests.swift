import Foundation
import Glibc
import Testing

@testable import SluiceCLI

@Suite("sluice health", .timeLimit(.minutes(5)))
struct HealthCommandTests {
    @Test(
        "Asks where the replica can be reached from here",
        arguments: [
            ("127.0.0.1", "http://127.0.0.1:80/x"), ("0.0.0.0", "http://127.0.0.1:80/x"), ("::", "http://[::1]:80/x"),
            ("fd00::1", "http://[fd00::1]:80/x"), ("replica", "http://replica:80/x"),
        ])
    func url(_ host: String, _ url: String) {
        #expect(HealthCommand.url(host: host, port: 80, path: "/x") == url)
    }

    @Test("Nobody who listens is not well, and no fixed port is a wrong question")
    func nobody() async throws {
        let port = try #require(try Listener.freePorts(1).first)
        let result = try await SluiceUnderTest().run("health", "--listen-port", "\(port)")
        #expect(result.status == CommandStatus.checkFailed.rawValue)
        #expect(result.errors.contains("http://127.0.0.1:\(port)/healthz does not answer"), "\(result.errors)")
        let any = try await SluiceUnderTest().run("health", "--listen-port", "0")
        #expect(any.status == CommandStatus.usage.rawValue)
    }

    @Test("A replica is alive and ready without its database, and neither after it has ended")
    func replica() async throws {
        try await withTemporaryFolder { folder in
            let port = try #require(try Listener.freePorts(1).first)
            var sluice = SluiceUnderTest()
            sluice.environment["LISTEN_PORT"] = "\(port)"
            sluice.environment["LISTEN_HOST"] = "0.0.0.0"
            sluice.environment["SLUICE_SERVICE_KEYS"] = firstKey
            let arguments = [
                "serve", "--database-url", "postgres://127.0.0.1:1/none", "--log-level", "critical", "--data-dir",
                folder,
            ]
            try await sluice.running(arguments) { running in
                #expect(try await eventually { try await sluice.run("health").status == 0 })
                let ready = try await sluice.run("health", "--ready")
                #expect(ready.status == 0 && ready.output.contains(#""database":"unreachable""#), "\(ready.output)")
                running.send(SIGTERM)
            }
            #expect(try await sluice.run("health", "--ready").status == CommandStatus.checkFailed.rawValue)
        }
    }
}
