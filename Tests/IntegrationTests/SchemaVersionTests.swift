import Postgres
import Sluice
import SluicePostgres
import SluiceTesting
import Testing

/// What a replica makes of a schema that is older than the one it carries.
@Suite struct SchemaVersionTests {
    @Test func oneThatDoesNotLookWorksWithTheOldestThatItNeeds() async throws {
        try await withSchema(at: SchemaVersion.needed, .assume) { sluice in
            #expect(await sluice.ready())
            #expect(sluice.schema == .ready(version: SchemaVersion.needed))
            #expect(sluice.schemaVersions.wanted == SchemaVersion.needed)
            let isDecided = try await eventually {
                guard case .admitted(let admission) = try await sluice.admit(.fresh()) else { return false }
                return admission.mode == .enforced
            }
            #expect(isDecided)
        }
        try await withSchema(at: SchemaVersion.needed - 1, .assume) { sluice in
            let isFound = try await eventually { sluice.schemaVersions.found == SchemaVersion.needed - 1 }
            #expect(isFound)
            guard case .wrong(let reason) = sluice.schema else {
                Issue.record("\(sluice.schema)")
                return
            }
            #expect(reason.hasSuffix("and \(SchemaVersion.needed) is needed: run sluice migrate up"))
        }
    }

    @Test func oneThatWaitsWantsWhatItCarries() async throws {
        try await PostgresServer.shared().withDatabase(as: .migrator) { url in
            let migrator = Migrator(configuration: try PostgresConfiguration(url: url), logger: quiet)
            try await migrator.up(to: SchemaVersion.newest - 1)
            try await running(url, .wait) { sluice in
                let isFound = try await eventually { sluice.schemaVersions.found == SchemaVersion.newest - 1 }
                #expect(isFound && sluice.schemaVersions.wanted == SchemaVersion.newest)
                try await migrator.up()
                #expect(await sluice.ready())
                #expect(sluice.schemaVersions.found == SchemaVersion.newest)
            }
        }
    }

    private func withSchema(
        at version: Int, _ mode: SchemaMode, _ body: @Sendable (Sluice) async throws -> Void
    ) async throws {
        try await PostgresServer.shared().withDatabase(as: .migrator) { url in
            try await Migrator(configuration: try PostgresConfiguration(url: url), logger: quiet).up(to: version)
            try await running(url, mode, body)
        }
    }

    private func running(
        _ url: String, _ mode: SchemaMode, _ body: @Sendable (Sluice) async throws -> Void
    ) async throws {
        var configuration = try SluiceConfiguration(databaseURL: url)
        configuration.schema = mode
        let sluice = try Sluice(configuration, logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await sluice.run() }
            try await body(sluice)
            sluice.shutdown()
            try await group.waitForAll()
        }
    }
}
