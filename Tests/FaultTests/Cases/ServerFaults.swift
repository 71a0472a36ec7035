import SluiceTesting
import Testing

/// The server away, in the ways in which it goes.
@Suite(.serialized) struct ServerFaults {
    @Test func postgresStoppedFast() async throws {
        try await FaultRun.run(begin: { await $0.server.stop() }, end: { try await $0.server.start() })
    }

    @Test func postgresStoppedImmediate() async throws {
        try await FaultRun.run(begin: { await $0.server.stop(.immediate) }, end: { try await $0.server.start() })
    }

    @Test func postgresKilled() async throws {
        try await FaultRun.run(begin: { await $0.server.kill() }, end: { try await $0.server.start() })
    }

    @Test func postgresFrozen() async throws {
        try await FaultRun.run(begin: { await $0.server.suspend() }, end: { await $0.server.resume() })
    }

    /// Nobody is let through by a policy that is `closed`.
    @Test func postgresStoppedFailingClosed() async throws {
        try await FaultRun.run(
            setup: FaultSetup(settings: ["SLUICE_ON_OUTAGE": "closed"]), expecting: .init(turnsAway: true),
            begin: { await $0.server.stop() }, end: { try await $0.server.start() })
    }

    @Test(.enabled(if: TmpFS.isAvailable)) func diskFull() async throws {
        try await FaultRun.run(
            setup: FaultSetup(server: .init(diskBytes: 192 << 20)),
            begin: { try TmpFS.fill($0.server.dataFolder) },
            end: { world in
                TmpFS.free(world.server.dataFolder)
                // It gives up where it cannot write its log.
                if await world.server.hasEnded { try await world.server.start() }
                let isServing = try await eventually { await world.isServing() }
                #expect(isServing)
            })
    }

    @Test func maxConnections() async throws {
        let stranger = Stranger()
        try await FaultRun.run(
            setup: FaultSetup(server: .init(settings: ["max_connections": "24"])),
            begin: { try await stranger.takeAllConnections(of: $0) }, end: { _ in await stranger.leave() })
    }

    @Test func readOnly() async throws {
        try await FaultRun.run(
            begin: { try await $0.server.reconfigure(["default_transaction_read_only": "on"]) },
            end: { try await $0.server.reconfigure(["default_transaction_read_only": "off"]) })
    }

    /// The primary dies; in the middle its standby takes over, which has all that was committed.
    @Test func failover() async throws {
        try await FaultRun.run(
            setup: FaultSetup(path: .standby), begin: { await $0.server.kill() },
            during: { world in
                let standby = try #require(world.standby)
                try await standby.promote()
                world.failOver(to: standby)
            }, end: { _ in })
    }
}
