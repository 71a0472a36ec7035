import Postgres
import Sluice
import SluiceCore
import SluiceTesting
import Testing

/// What a process that uses the library takes down beyond admissions.
@Suite(.timeLimit(.minutes(10))) struct SettlementTests {
    @Test func whatCallsTakeAndWhoIsRefusedIsTakenDown() async throws {
        try await PostgresServer.shared().withMigratedDatabase { url in
            var configuration = try SluiceConfiguration(databaseURL: url, policy: .standard(limit: 2))
            configuration.schema = .wait
            // A busy machine may need longer than the deadlines: this is about what is taken down.
            configuration.path.batcher.timeout = .seconds(60)
            configuration.settlement.timeout = .seconds(60)
            let user = UserID.fresh()
            try await running(configuration) { sluice in
                #expect(await sluice.ready())
                sluice.breaker.mode = .forcedClosed
                var calls: [Admission] = []
                for _ in 0..<2 {
                    guard case .admitted(let admission) = try await sluice.admit(user) else { continue }
                    calls.append(admission)
                }
                try #require(calls.map(\.mode) == [.enforced, .enforced])
                for (index, call) in calls.enumerated() {
                    let settlement = try Settlement(
                        user: user, callID: call.callID, admittedAt: call.admittedAt, model: "m",
                        usage: TokenUsage(input: 10, output: Int64(index)), basis: .measured)
                    #expect(try await sluice.settler.settle(settlement) == .settled(cost: nil))
                    #expect(try await sluice.settler.settle(settlement) == .known)
                }
                for _ in 0..<5 {
                    let call = try Call(user: user, id: .fresh())
                    let decision = try await sluice.limiter.admit(call, under: configuration.policy)
                    guard case .refused = decision else {
                        Issue.record("\(decision)")
                        continue
                    }
                }
            }
            #expect(try await settled(url) == [Settled(input: 10, output: 0), Settled(input: 10, output: 1)])
            #expect(
                try await refusals(url, of: user) == 5, "those from the cache count, and are written down at the end")
        }
    }

    @Test func inAnOutageTheJournalKeepsBothTheCallAndWhatItTook() async throws {
        let folder = try ScratchFolder.make()
        do {
            try await outage(JournalSettings(directory: "\(folder.path)/journal"))
        } catch {
            await folder.remove()
            throw error
        }
        await folder.remove()
    }

    private func outage(_ journal: JournalSettings) async throws {
        try await PostgresServer.shared().withMigratedDatabase { url in
            var configuration = try SluiceConfiguration(databaseURL: url)
            (configuration.journal, configuration.replica) = (journal, "library")
            configuration.schema = .wait
            try await running(configuration) { sluice in
                #expect(await sluice.ready())
                sluice.breaker.mode = .forcedOpen
                for index in 0..<5 as Range<Int64> {
                    let call = try Call(
                        user: .fresh(), id: .fresh(), model: "m",
                        origin: CallOrigin(attempt: 1, reservation: Reservation(inputTokens: 3, outputTokens: 4)))
                    let decision = try await sluice.limiter.admit(call, under: configuration.policy)
                    guard case .admitted(let admission) = decision else { continue }
                    let settlement = try Settlement(
                        user: call.user, callID: call.id, admittedAt: admission.admittedAt, model: "m",
                        usage: TokenUsage(input: 1, output: index), basis: .estimated)
                    #expect(try await sluice.settler.settle(settlement) == .journaled)
                }
                #expect(sluice.journal?.records == 10)
                sluice.breaker.mode = .automatic
                #expect(try await eventually { sluice.journal?.records == 0 })
            }
            #expect(try await ledger(url).count == 5)
            #expect(try await settled(url) == (0..<5).map { Settled(input: 1, output: $0) })
        }
    }

    private func running(
        _ configuration: SluiceConfiguration, _ body: (Sluice) async throws -> Void
    ) async throws {
        let sluice = try Sluice(configuration, logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await sluice.run() }
            defer { sluice.shutdown() }
            try await body(sluice)
            sluice.shutdown()
            try await group.waitForAll()
        }
    }

    private struct Settled: Equatable {
        let input: Int64
        let output: Int64
    }

    private func settled(_ url: String) async throws -> [Settled] {
        try await withOwner(url) { connection in
            try await connection.query(
                "SELECT input_tokens, output_tokens FROM sluice.settlements ORDER BY output_tokens"
            ).map { Settled(input: try $0.decode(at: 0), output: try $0.decode(at: 1)) }
        }
    }

    private func refusals(_ url: String, of user: UserID) async throws -> Int64 {
        try await withOwner(url) { connection in
            let row = try await connection.query(
                "SELECT coalesce(sum(refused), 0)::bigint FROM sluice.refusals WHERE user_id = \(user)"
            ).first
            return try #require(row).decode(at: 0)
        }
    }
}
