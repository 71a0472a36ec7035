import SluiceTesting
import Testing

/// The way between replica and server.
@Suite(.serialized) struct NetworkFaults {
    @Test func blackhole() async throws { try await run(.blackhole) }

    @Test func reset() async throws { try await run(.reset) }

    @Test func refused() async throws { try await run(.refuse) }

    /// Most answers come after the deadline: of calls that were committed and of calls that were cancelled.
    @Test func slowNetwork() async throws {
        try await run(.delay(latency: .milliseconds(50), jitter: .milliseconds(60)))
    }

    @Test func narrowNetwork() async throws { try await run(.throttle(bytesPerSecond: 10_000)) }

    /// Statements that went out before the outage arrive when the replica has long brought their calls itself.
    @Test func heldThenDelivered() async throws {
        try await FaultRun.run(
            setup: FaultSetup(path: .proxy), begin: { await $0.proxy?.set(.hold, for: .existing) },
            during: { world in
                let isBack = try await eventually { await world.hasRecovered() }
                #expect(isBack)
                let waiting = await world.proxy?.status().waitingBytes ?? 0
                #expect(waiting > 0, "something is late")
                await world.proxy?.set(.pass, for: .existing)
            }, end: { _ in })
    }

    @Test func pgBouncerRestarted() async throws {
        try await FaultRun.run(
            setup: FaultSetup(path: .bouncer), begin: { await $0.bouncer?.stop() },
            end: { try await $0.bouncer?.start() })
    }

    @Test func pgBouncerPaused() async throws {
        try await FaultRun.run(
            setup: FaultSetup(path: .bouncer), begin: { await $0.bouncer?.pause() }, end: { await $0.bouncer?.resume() }
        )
    }

    private func run(_ mode: FaultProxy.Mode, name: String = #function) async throws {
        try await FaultRun.run(
            name, setup: FaultSetup(path: .proxy), begin: { await $0.proxy?.set(mode) },
            end: { await $0.proxy?.set(.pass) })
    }
}
