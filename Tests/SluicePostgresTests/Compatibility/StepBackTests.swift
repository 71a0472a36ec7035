import Postgres
import SluicePostgres
import SluiceTesting
import Testing

/// Taking a step back leaves exactly what was there before it.
@Suite struct StepBackTests {
    @Test func everyStepBackRestoresTheSchema() async throws {
        try await PostgresServer.shared().withDatabase(as: .migrator) { url in
            let database = try TestDatabase(url: url)
            let versions = SchemaVersion.needed...SchemaVersion.newest
            var kept: [Int: String] = [:]
            for version in versions {
                try await database.migrator().up(to: version)
                kept[version] = try await dump(database, url)
            }
            for version in versions.dropLast().reversed() {
                try await database.migrator().down(to: version)
                let left = try await dump(database, url)
                #expect(left == kept[version], "after the step down to \(version)")
            }
        }
    }

    private func dump(_ database: TestDatabase, _ url: String) async throws -> String {
        try await database.withOwner { owner in
            try await SchemaDump.take(of: TestRole.superuser.url(like: url), owner)
        }
    }
}
