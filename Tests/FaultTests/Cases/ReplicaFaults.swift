import Glibc
import SluiceTesting
import Testing

/// Replicas that end in the middle of an outage, with calls running.
@Suite(.serialized) struct ReplicaFaults {
    @Test func replicaKilled() async throws {
        try await FaultRun.run(
            expecting: .init(answersAll: false), begin: { await $0.server.stop() },
            during: { world in
                world.replica(0).signal(SIGKILL)
                try await world.replica(0).waitUntilExit()
                try await world.start(0, waits: false)
            }, end: { try await $0.server.start() })
    }

    /// It ends inside its grace period, in order, and leaves the journal to the next start.
    @Test func shutdownInOutage() async throws {
        try await FaultRun.run(
            expecting: .init(answersAll: false), begin: { await $0.server.stop() },
            during: { world in
                world.replica(0).signal(SIGTERM)
                let status = try await world.replica(0).waitUntilExit()
                #expect(status == 0)
                let segments = world.segments
                #expect(!segments.isEmpty)
                try await world.start(0, waits: false)
            }, end: { try await $0.server.start() })
    }

    /// One dies and does not come back: the other brings what it has left.
    @Test func twoReplicasShareDirectory() async throws {
        try await FaultRun.run(
            setup: FaultSetup(replicas: 2), expecting: .init(answersAll: false), begin: { await $0.server.stop() },
            during: { world in
                world.replica(1).signal(SIGKILL)
                try await world.replica(1).waitUntilExit()
            }, end: { try await $0.server.start() })
    }
}
