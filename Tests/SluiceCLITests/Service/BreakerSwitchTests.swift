import Foundation
import Glibc
import SluiceCore
import Testing

@testable import SluiceCLI

@Suite("The breaker by signal", .timeLimit(.minutes(10)))
struct BreakerSwitchTests {
    @Test(
        "Each signal toggles its own",
        arguments: [
            (Breaker.Mode.automatic, Breaker.Mode.forcedOpen, Breaker.Mode.forcedOpen),
            (.forcedOpen, .forcedOpen, .automatic), (.forcedClosed, .forcedOpen, .forcedOpen),
            (.automatic, .forcedClosed, .forcedClosed), (.forcedClosed, .forcedClosed, .automatic),
        ])
    func toggles(_ before: Breaker.Mode, _ signalled: Breaker.Mode, _ after: Breaker.Mode) {
        #expect(BreakerSwitch.toggled(before, by: signalled) == after)
    }

    @Test("In a running replica, which goes on")
    func process() async throws {
        try await withTemporaryFolder { folder in
            let port = try #require(try Listener.freePorts(1).first)
            let arguments = [
                "serve", "--dev", "--listen-port", "\(port)", "--database-url", "postgres://127.0.0.1:1/none",
                "--journal-dir", "\(folder)/journal", "--log-level", "critical",
            ]
            let status = try await SluiceUnderTest().running(arguments) { running in
                try await expectForced([], at: port)
                running.send(SIGUSR1)
                try await expectForced(["forced_open"], at: port)
                running.send(SIGUSR2)
                try await expectForced(["forced_closed"], at: port)
                running.send(SIGUSR2)
                try await expectForced([], at: port)
                running.send(SIGTERM)
            }
            #expect(status == 0)
        }
    }

    private func expectForced(_ modes: [String], at port: Int) async throws {
        let isForced = try await eventually { try await forced(at: port) == modes }
        #expect(isForced)
    }

    /// The modes that the metrics show; `nil` before it serves.
    private func forced(at port: Int) async throws -> [String]? {
        let text = try await shell("curl -s http://127.0.0.1:\(port)/metrics")
        guard text.contains("sluice_breaker_forced{") else { return nil }
        return text.matches(of: #/sluice_breaker_forced\{mode="([a-z_]+)"\} 1/#).map { String($0.1) }
    }
}
