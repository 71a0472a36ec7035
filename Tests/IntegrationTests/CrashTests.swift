import Glibc
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

/// What a caller was told is true, whoever dies (invariant 4, row A5).
@Suite(.serialized) struct CrashTests {
    private static let crashAfter = 300

    @Test func killedReplicaLosesNoAdmittedCall() async throws {
        try await PostgresServer.shared().withMigratedDatabase { url in
            let options = ReplicaOptions(limit: 1_000_000)
            try await withReplicas([options, options], on: url) { replicas in
                let (victim, survivor) = (replicas[0], replicas[1])
                let told = Told()
                try await withClients(16, of: replicas) { clients in
                    await withTaskGroup { group in
                        for (index, client) in clients.enumerated() {
                            group.addTask {
                                let isVictims = index % 2 == 0
                                await self.call(client, telling: told) { count in
                                    if isVictims, count >= Self.crashAfter { victim.signal(SIGKILL) }
                                    return !isVictims && told.isOver
                                }
                            }
                        }
                        group.addTask {
                            await #expect(throws: Never.self) { try await victim.waitUntilExit() }
                            told.end()
                        }
                    }
                }
                #expect(try await victim.waitUntilExit() == 128 + SIGKILL)
                #expect(try await survivor.stop() == 0)
                try await expectRows(told, at: url, unanswered: 8)
            }
        }
    }

    @Test func crashedDatabaseLosesNoAdmittedCall() async throws {
        try await PostgresServer.with(.init(fsync: true)) { server in
            let url = server.url(database: try await server.createMigratedDatabase(), user: "app")
            let options = ReplicaOptions(
                limit: 1_000_000, settings: ["SLUICE_MIGRATE": "wait", "SLUICE_BREAKER_PAUSE_MAX_MS": "300"])
            try await withReplicas([options], on: url) { replicas in
                let told = Told()
                let (crashes, crash) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingOldest(1))
                try await withClients(8, of: replicas) { clients in
                    try await withThrowingTaskGroup { group in
                        for client in clients {
                            group.addTask {
                                await self.call(client, telling: told) { count in
                                    if count >= Self.crashAfter { crash.yield() }
                                    return told.isOver
                                }
                            }
                        }
                        for await _ in crashes { break }
                        await server.stop(.immediate)
                        #expect(try await eventually { told.unchecked > 0 }, "the outage was seen")
                        try await server.start()
                        let before = told.ids.count
                        #expect(try await eventually { told.ids.count > before + 50 })
                        told.end()
                        try await group.waitForAll()
                    }
                }
                try await expectRows(told, at: url, unanswered: 8 + 256)
            }
        }
    }

    /// Calls for one user after another until the connection breaks or `isEnough` says so, given the calls admitted so far.
    private func call(
        _ client: ReplicaClient, telling told: Told, until isEnough: @Sendable (Int) -> Bool
    ) async {
        let users = (0..<3).map { _ in UserID.fresh() }
        var turn = 0
        repeat {
            turn += 1
            guard let answer = try? await client.admit(users[turn % users.count]) else { return }
            told.heard(answer)
        } while !isEnough(told.ids.count)
    }

    /// - Parameter unanswered: calls that may have been committed without their callers' hearing of it.
    private func expectRows(_ told: Told, at url: String, unanswered: Int) async throws {
        let rows = try await ledger(url)
        let ids = Set(rows.map { "\($0.callID)" })
        #expect(ids.count == rows.count)
        #expect(told.ids.count >= Self.crashAfter)
        #expect(told.ids.subtracting(ids).isEmpty, "calls that were admitted and have no row")
        #expect(rows.count <= told.ids.count + unanswered)
    }
}

/// What callers heard.
private final class Told: Sendable {
    private struct State {
        var ids: Set<String> = []
        var unchecked = 0
        var isOver = false
    }

    private let state = Mutex(State())

    /// Calls that were admitted with the ledger's word.
    var ids: Set<String> { state.withLock(\.ids) }
    var unchecked: Int { state.withLock(\.unchecked) }
    var isOver: Bool { state.withLock(\.isOver) }

    func end() { state.withLock { $0.isOver = true } }

    func heard(_ answer: Answer) {
        #expect(answer.status == 200)
        let id = (try? answer.body.callID) ?? nil
        #expect(id != nil)
        state.withLock { state in
            if answer.isUnchecked { state.unchecked += 1 } else if let id { state.ids.insert(id) }
        }
    }
}
