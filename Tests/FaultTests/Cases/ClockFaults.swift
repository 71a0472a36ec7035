import SluiceTesting
import Testing

/// Clocks that jump.
@Suite(.serialized) struct ClockFaults {
    /// What the replica writes down is by the database's clock as it knows it, whatever its own says.
    @Test func replicaClockJumps() async throws {
        try await FaultRun.run(
            setup: FaultSetup(hasFakeClock: true),
            begin: { world in
                await world.server.stop()
                try world.clock?.set(.seconds(2 * 3_600))
            }, during: { try $0.clock?.set(.seconds(7 * 3_600)) }, end: { try await $0.server.start() })
    }

    /// Forwards, then backwards with an outage in between.
    @Test func serverClockJumps() async throws {
        try await FaultRun.run(
            expecting: .init(keepsTime: false), begin: { try await Self.move($0, "1 hour") },
            during: { world in
                try await Self.move(world, "-30 minutes")
                await world.server.stop()
            },
            end: { world in
                try await world.server.start()
                try await Self.move(world, "0")
            })
    }

    private static func move(_ world: FaultWorld, _ interval: String) async throws {
        try await world.execute(
            """
            CREATE OR REPLACE FUNCTION sluice.clock() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE
            AS 'SELECT pg_catalog.clock_timestamp() + ''\(interval)''::interval'
            """)
    }
}
