import Glibc
import Logging
import ServiceLifecycle
import Subprocess
import Testing

@testable import SluiceCLI

/// Shells stand in for replicas.
@Suite("The replicas of sluice up", .timeLimit(.minutes(10)))
struct ReplicaFleetTests {
    private static let healthy = "echo ready 1; cat >/dev/null"

    @Test("All ready, all stopped in order, nothing left")
    func wholeLife() async throws {
        try await withTemporaryFolder { folder in
            let allReady = OneShot()
            let fleet = fleet([Self.healthy, Self.healthy], folder, allReady)
            try await running(fleet) { group in
                await allReady.wait()
                #expect(ProcessTable.mentioning(folder).count == 2)
                await group.triggerGracefulShutdown()
            }
            #expect(ProcessTable.mentioning(folder).isEmpty)
        }
    }

    @Test("Cancellation stops them as well")
    func cancellation() async throws {
        try await withTemporaryFolder { folder in
            let allReady = OneShot()
            let fleet = fleet([Self.healthy], folder, allReady)
            let task = Task { try await fleet.run() }
            await allReady.wait()
            task.cancel()
            try await task.value
            #expect(ProcessTable.mentioning(folder).isEmpty)
        }
    }

    @Test("One that is killed is started again")
    func restart() async throws {
        try await withTemporaryFolder { folder in
            let allReady = OneShot()
            // Counts its starts in a file.
            let fleet = fleet(["echo x >> \(folder)/starts; " + Self.healthy], folder, allReady)
            try await running(fleet) { group in
                await allReady.wait()
                for process in ProcessTable.mentioning("echo x >> \(folder)") { kill(process, SIGKILL) }
                let isRestarted = try await eventually { ServerLog(path: "\(folder)/starts").tail(lines: 9) == "x\nx" }
                #expect(isRestarted)
                await group.triggerGracefulShutdown()
            }
        }
    }

    @Test("One that never gets ready ends all, with the end of its log")
    func failure() async throws {
        try await withTemporaryFolder { folder in
            let fleet = fleet([Self.healthy, "echo broken >&2; exit 3"], folder, OneShot())
            let error = await #expect(throws: CommandError.self) { try await fleet.run() }
            #expect(error?.status == .unavailable)
            #expect(error?.description.contains("port 2 does not start (exited(3))") == true)
            #expect(error?.description.hasSuffix("broken") == true)
            #expect(ProcessTable.mentioning(folder).isEmpty)
        }
    }

    /// - Parameter folder: is mentioned in every command line, so that the processes can be found.
    private func fleet(_ scripts: [String], _ folder: String, _ allReady: OneShot) -> ReplicaFleet {
        let start = OneShot()
        start.happen()
        let replicas = scripts.enumerated().map { index, script in
            Replica(
                port: index + 1,
                process: SupervisedProcess(
                    path: "/bin/sh", arguments: ["-c", "\(script) # \(folder)"], environment: .inherit,
                    log: "\(folder)/\(index + 1).log"))
        }
        return ReplicaFleet(replicas: replicas, start: start) { allReady.happen() }
    }

    private func running(_ fleet: ReplicaFleet, _ body: (ServiceGroup) async throws -> Void) async throws {
        let group = ServiceGroup(services: [fleet], logger: Logger(label: "test"))
        async let run: Void = group.run()
        try await body(group)
        try await run
    }
}
