import Postgres
import SluiceTesting
import Testing

/// The network that the fault cases fail with does what it says.
@Suite struct FaultProxyTests {
    @Test func passes() async throws {
        try await withProxy { proxy in
            try await withConnection(proxy.url(database: "postgres")) { connection in
                let text = String(repeating: "0123456789", count: 50_000)
                let result = try await connection.query("SELECT \(text) || ''")
                #expect(try result.first?.decode(String.self, at: 0) == text)
            }
            // The ends of connections come through as well.
            let isEmpty = try await eventually { await proxy.status().connections == 0 }
            #expect(isEmpty)
        }
    }

    @Test func swallowsForEver() async throws {
        try await withProxy { proxy in
            try await withConnection(proxy.url(database: "postgres")) { connection in
                await proxy.set(.blackhole)
                await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1", deadline: .soon) }
                await proxy.set(.pass)
                await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1", deadline: .soon) }
                #expect(await proxy.status().lost > 0)
                let passes = try await answers(proxy)
                #expect(passes, "a new one does")
            }
        }
    }

    @Test func deliversLate() async throws {
        try await withProxy { proxy in
            try await withConnection(proxy.url(database: "postgres")) { connection in
                try await connection.execute("CREATE TABLE late (n int)")
                await proxy.set(.hold, for: .existing)
                await #expect(throws: PostgresError.self) {
                    try await connection.query("INSERT INTO late VALUES (1)", deadline: .soon)
                }
                #expect(await proxy.status().waitingBytes > 0)
                let passes = try await answers(proxy)
                #expect(passes, "a new one does")
                #expect(try await rows(proxy) == 0)
                await proxy.set(.pass, for: .existing)
                let isDelivered = try await eventually { try await rows(proxy) == 1 }
                #expect(isDelivered)
            }
        }
    }

    @Test(arguments: [FaultProxy.Mode.reset, .refuse]) func cuts(_ mode: FaultProxy.Mode) async throws {
        try await withProxy { proxy in
            try await withConnection(proxy.url(database: "postgres")) { connection in
                await proxy.set(mode)
                await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
                await #expect(throws: PostgresError.self) { try await answers(proxy) }
                #expect(await proxy.status().connections == 0)
                await proxy.set(.pass)
                let passes = try await answers(proxy)
                #expect(passes)
            }
        }
    }

    /// What a delay of seconds holds back has not arrived, and comes when the network is well again.
    @Test(arguments: [
        FaultProxy.Mode.delay(latency: .seconds(3_600), jitter: .zero), .throttle(bytesPerSecond: 1),
    ]) func slowsDown(_ mode: FaultProxy.Mode) async throws {
        try await withProxy { proxy in
            try await withConnection(proxy.url(database: "postgres")) { connection in
                await proxy.set(mode)
                let asking = Task { try await connection.query("SELECT 1").count }
                let isWaiting = try await eventually { await proxy.status().waitingBytes > 0 }
                #expect(isWaiting)
                await proxy.set(.pass)
                #expect(try await asking.value == 1)
            }
        }
    }

    private nonisolated(nonsending) func withProxy(
        _ body: nonisolated(nonsending) (FaultProxy) async throws -> Void
    ) async throws {
        try await PostgresServer.with { server in
            let proxy = try FaultProxy(before: server)
            let result: Result<Void, any Error>
            do { result = .success(try await body(proxy)) } catch { result = .failure(error) }
            await proxy.stop()
            try result.get()
        }
    }

    private func answers(_ proxy: FaultProxy) async throws -> Bool {
        try await withConnection(proxy.url(database: "postgres")) { try await $0.query("SELECT 1").count == 1 }
    }

    private func rows(_ proxy: FaultProxy) async throws -> Int64? {
        try await withConnection(proxy.url(database: "postgres")) { connection in
            try await connection.query("SELECT count(*) FROM late").first?.decode(Int64.self, at: 0)
        }
    }
}

extension ContinuousClock.Instant {
    fileprivate static var soon: ContinuousClock.Instant { .now + .milliseconds(200) }
}
