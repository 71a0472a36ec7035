import Postgres
import SluicePostgres
import SluiceTesting
import Testing

/// A release goes on working with the schema of every later one: nothing that was released changes or goes.
@Suite struct ReleasedInterfaceTests {
    /// The first version in which roles have no more than they need, so that what they may call is what was meant.
    private static let firstWithPrivileges = 7

    @Test func theNewestSchemaHasAllThatWasReleased() async throws {
        try await withTestDatabase { database in
            let found = try await database.withOwner { try await ReleasedInterface.found($0) }
            if ProjectFile.areRenewed { try found.addToFile() }
            let kept = try ReleasedInterface.kept
            #expect(
                kept.missing(from: found) == [],
                "released, and gone or changed: give what is new another name; see docs/migrations.md")
            #expect(
                found.missing(from: kept) == [],
                "new, and not in migrations/released/interface.txt: run bin/schema")
            // A second function of the same name makes calls of the first ambiguous.
            #expect(Set(kept.functions).count == kept.functions.count)
        }
    }

    /// Also between the steps, where replicas of the release before serve.
    @Test func noStepTakesAnythingAway() async throws {
        try await withTestDatabase(isMigrated: false) { database in
            var before = ReleasedInterface(lines: [])
            for version in Self.firstWithPrivileges...SchemaVersion.newest {
                try await database.migrator().up(to: version)
                let after = try await database.withOwner { try await ReleasedInterface.found($0) }
                #expect(before.missing(from: after) == [], "step \(version)")
                before = after
            }
            #expect(before.lines.count > 100)
        }
    }

    @Test func everyReleasedFunctionAnswersAsItDid() async throws {
        let statements = try ReleasedCall.all
        let called = statements.reduce(into: Set<String>()) { $0.formUnion($1.functions) }
        let kept = Set(try ReleasedInterface.kept.functions)
        #expect(kept.subtracting(called).isEmpty, "add a statement to migrations/released/calls.sql")
        try await withTestDatabase { database in
            try await database.withConnection(as: .app) { app in
                try await database.withConnection(as: .auditor) { auditor in
                    for statement in statements {
                        await #expect(throws: Never.self, "\(statement.sql)") {
                            try await (statement.isForAuditors ? auditor : app).query(statement.sql, [])
                        }
                    }
                }
            }
        }
    }

    /// The damage that the tests above are there for, each done to a schema of its own.
    @Test(arguments: [
        "ALTER FUNCTION sluice.admit_user RENAME TO admit_user_2",
        "ALTER TYPE sluice.call_mode RENAME VALUE 'shadow' TO 'watched'",
        "ALTER VIEW sluice.policy_history RENAME COLUMN note TO remark",
        "ALTER TYPE sluice.decision ALTER ATTRIBUTE used TYPE text CASCADE",
        "REVOKE EXECUTE ON FUNCTION sluice.settle_many FROM sluice_app",
        """
        DROP FUNCTION sluice.ensure_partitions(date, integer);
        CREATE FUNCTION sluice.ensure_partitions(first_day date, days integer) RETURNS integer LANGUAGE sql AS 'SELECT 0';
        GRANT EXECUTE ON FUNCTION sluice.ensure_partitions TO sluice_app
        """,
    ])
    func damageIsFound(_ damage: String) async throws {
        try await withTestDatabase { database in
            try await database.withOwner { owner in
                let before = try await ReleasedInterface.found(owner)
                try await owner.execute(damage)
                let after = try await ReleasedInterface.found(owner)
                #expect(before.missing(from: after) != [])
            }
        }
    }
}
