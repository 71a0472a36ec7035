import Postgres
import Sluice
import SluiceCore
import SluiceTesting
import Testing

/// The library in three lines, on a database that it prepares itself.
@Suite struct LibraryTests {
    @Test func admitsRefusesAndEnds() async throws {
        try await PostgresServer.shared().withDatabase { url in
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

    /// An old replica that starts in the middle of a release works beside the new ones.
    @Test(arguments: SchemaMode.allCases)
    func worksOnANewerSchema(_ mode: SchemaMode) async throws {
        try await PostgresServer.shared().withMigratedDatabase { url in
            let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url), logger: quiet)
            try await connection.execute(
                """
                INSERT INTO sluice.migrations (version, name, checksum)
                SELECT max(version) + 1, 'add_what_is_to_come', 'unknown' FROM sluice.migrations
                """)
            await connection.close()
            var configuration = try SluiceConfiguration(databaseURL: url, policy: .standard(limit: 2))
            configuration.schema = mode
            let sluice = Sluice(configuration, logger: quiet)
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
