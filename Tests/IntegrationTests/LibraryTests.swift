import Postgres
import Sluice
import SluiceCore
import SluiceTesting
import Testing

/// The library in three lines, on a database that it prepares itself.
@Suite struct LibraryTests {
    @Test func admitsRefusesAndEnds() async throws {
        try await PostgresServer.shared().withDatabase(as: .migrator) { url in
            let sluice = try Sluice(databaseURL: url, policy: .standard(limit: 2), logger: quiet)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await sluice.run() }
                #expect(try await eventually { if case .ready = sluice.schema { true } else { false } })
                // A busy machine may need longer than the deadline: this is about what is decided.
                #expect(try await eventually { try await sluice.isEnforcing() })
                sluice.shutdown()
                try await group.waitForAll()
            }
            await #expect(throws: LimiterError.self) { try await sluice.admit(.fresh()) }
        }
    }

    /// Who is refused is refused from memory from then on, but what is no call is told so as before.
    @Test func refusesFromMemory() async throws {
        try await PostgresServer.shared().withMigratedDatabase { url in
            let sluice = try Sluice(databaseURL: url, policy: .standard(limit: 1), logger: quiet)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await sluice.run() }
                #expect(await sluice.ready())
                var user = UserID.fresh()
                #expect(
                    try await eventually {
                        user = .fresh()
                        _ = try await sluice.admit(user)
                        return try await sluice.admit(user).isRefused
                    })
                for _ in 0..<100 {
                    #expect(try await sluice.admit(user, route: "/v1/chat/completions").isRefused)
                }
                await #expect(throws: CallError.weightOutOfRange(-1)) { try await sluice.admit(user, weight: -1) }
                await #expect(throws: CallError.labelTooLong(field: "route", bytes: 257)) {
                    try await sluice.admit(user, route: String(repeating: "r", count: 257))
                }
                sluice.shutdown()
                try await group.waitForAll()
            }
        }
    }

    /// An old replica that starts in the middle of a release works beside the new ones.
    @Test(arguments: SchemaMode.allCases)
    func worksOnANewerSchema(_ mode: SchemaMode) async throws {
        let role = mode == .migrate ? TestRole.migrator : .app
        try await PostgresServer.shared().withMigratedDatabase(as: role) { url in
            try await withOwner(url) { owner in
                try await owner.execute(
                    """
                    INSERT INTO sluice.migrations (version, name, checksum)
                    SELECT max(version) + 1, 'add_what_is_to_come', 'unknown' FROM sluice.migrations
                    """)
            }
            var configuration = try SluiceConfiguration(databaseURL: url, policy: .standard(limit: 2))
            configuration.schema = mode
            let sluice = try Sluice(configuration, logger: quiet)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await sluice.run() }
                #expect(await sluice.ready())
                #expect(try await eventually { try await sluice.isEnforcing() })
                sluice.shutdown()
                try await group.waitForAll()
            }
            #expect(await sluice.ready(), "it stays ready")
        }
    }

    enum End: CaseIterable {
        case afterTheBreakerClosed, asTheBreakerCloses, withTheBreakerOpen
    }

    /// What is let through while the database is not asked gets its row when it is again: when the breaker closes, or at
    /// the end, but not as long as it must not be asked.
    @Test(arguments: End.allCases)
    func writesDownWhatItLetsThrough(_ end: End) async throws {
        try await withJournal { journal in
            try await PostgresServer.shared().withMigratedDatabase { url in
                var configuration = try SluiceConfiguration(databaseURL: url, policy: .standard(limit: 2))
                (configuration.journal, configuration.replica) = (journal, "library")
                configuration.schema = .wait
                configuration.shutdownReplay = .seconds(60)
                let sluice = try Sluice(configuration, logger: quiet)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await sluice.run() }
                    #expect(await sluice.ready())
                    // Then the clock is the database's.
                    #expect(try await eventually { sluice.clock.now().isSynchronized })
                    sluice.breaker.mode = .forcedOpen
                    let user = UserID.fresh()
                    for _ in 0..<5 {
                        let decision = try await sluice.admit(user)
                        #expect(decision.mode == .unchecked)
                    }
                    #expect(sluice.journal?.records == 5)
                    if end != .withTheBreakerOpen { sluice.breaker.mode = .automatic }
                    if end == .afterTheBreakerClosed {
                        #expect(try await eventually { sluice.journal?.records == 0 })
                        // A busy machine may miss the deadline of one look.
                        #expect(try await eventually { (try? await sluice.peek(user))?.windows.first?.used == 5 })
                    }
                    sluice.shutdown()
                    try await group.waitForAll()
                }
                let rows = try await ledger(url)
                #expect(rows.count == (end == .withTheBreakerOpen ? 0 : 5))
                #expect(rows.allSatisfy { $0.mode == "unchecked" && $0.replica == "library" })
            }
        }
    }

    /// Without the database everything waits for the next start, and a third process brings it.
    @Test func leavesToTheNextStartWhatItCannotBring() async throws {
        try await withJournal { journal in
            try await PostgresServer.shared().withMigratedDatabase { url in
                var away = try SluiceConfiguration(databaseURL: "postgres://127.0.0.1:1/none")
                away.journal = journal
                try await running(away) { sluice in
                    for _ in 0..<3 {
                        let decision = try await sluice.admit(.fresh())
                        #expect(decision.mode == .unchecked)
                    }
                }
                #expect(try await ledger(url).isEmpty)
                var back = try SluiceConfiguration(databaseURL: url)
                (back.journal, back.schema) = (journal, .wait)
                try await running(back) { sluice in
                    let isBrought = try await eventually { try await ledger(url).count == 3 }
                    #expect(isBrought)
                }
            }
        }
    }

    @Test func aJournalThatCannotBeWrittenIsAnError() throws {
        var configuration = try SluiceConfiguration(databaseURL: "postgres://127.0.0.1:1/none")
        configuration.journal = JournalSettings(directory: "/proc/none")
        #expect(throws: JournalError.self) { try Sluice(configuration, logger: quiet) }
    }

    private func running(
        _ configuration: SluiceConfiguration, _ body: (Sluice) async throws -> Void
    ) async throws {
        let sluice = try Sluice(configuration, logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await sluice.run() }
            try await body(sluice)
            sluice.shutdown()
            try await group.waitForAll()
        }
    }

    private func withJournal(_ body: (JournalSettings) async throws -> Void) async throws {
        let folder = try ScratchFolder.make()
        do {
            try await body(JournalSettings(directory: "\(folder.path)/journal"))
        } catch {
            await folder.remove()
            throw error
        }
        await folder.remove()
    }
}

extension Decision {
    fileprivate var mode: AdmissionMode? {
        guard case .admitted(let admission) = self else { return nil }
        return admission.mode
    }

    fileprivate var isRefused: Bool {
        if case .refused = self { true } else { false }
    }
}

extension Sluice {
    /// Whether two calls of a new user are admitted and the third is refused.
    fileprivate func isEnforcing() async throws -> Bool {
        let user = UserID.fresh()
        for _ in 0..<2 {
            guard case .admitted(let admission) = try await admit(user), admission.mode == .enforced else {
                return false
            }
        }
        guard case .refused(let refusal) = try await admit(user) else { return false }
        return refusal.retryAfter > .zero
    }
}
