import Postgres
import SluiceTesting
import Testing

/// `migrations/schema.sql` is what the migrations make.
@Suite struct SchemaFileTests {
    private static let file = ProjectFile("migrations/schema.sql")
    private static let remedy =
        "migrations/schema.sql is not what the migrations make: run bin/schema, look at the difference"

    @Test func theFileIsWhatMigrationsMake() async throws {
        try await PostgresServer.shared().withMigratedDatabase(as: .superuser) { url in
            try await TestDatabase(url: url).withOwner { owner in
                // Another version prints the same schema in other words.
                guard owner.serverVersion / 10_000 == SchemaDump.major else { return }
                let made = try await SchemaDump.take(of: url, owner)
                if ProjectFile.areRenewed { return try Self.file.write(made) }
                let difference = Self.firstDifference(try Self.file.text, made)
                #expect(difference == nil, "\(Self.remedy)")
            }
        }
    }

    /// What a day brings is not in it, nor what differs between minor versions.
    @Test func theDumpIsTheSameEveryDay() {
        let dump = { (day: String, version: String) in
            """
            -- Dumped from database version \(version)

            SET lock_timeout = 0;

            --
            -- Name: recent_from(); Type: FUNCTION; Schema: sluice; Owner: -
            --

            CREATE FUNCTION sluice.recent_from() RETURNS date AS $$SELECT '\(day)'$$;


            SET default_tablespace = '';

            --
            -- Name: recent; Type: VIEW; Schema: sluice; Owner: -
            --

            CREATE VIEW sluice.recent AS SELECT * FROM sluice.calls_\(day);


            --
            -- Name: seals; Type: TABLE; Schema: sluice; Owner: -
            --

            CREATE TABLE sluice.seals (
            --
            );


            --
            -- PostgreSQL database dump complete
            --

            \\unrestrict \(day)

            """
        }
        let text = SchemaDump.normalized(dump("20300101", "15.1"))
        #expect(text == SchemaDump.normalized(dump("20310101", "15.9")))
        #expect(text.hasSuffix("by sluice.cover_recent\n\nCREATE TABLE sluice.seals (\n--\n);\n"))
    }

    /// The first line that is not in both.
    private static func firstDifference(_ kept: String, _ made: String) -> String? {
        let kept = kept.split(separator: "\n", omittingEmptySubsequences: false)
        let made = made.split(separator: "\n", omittingEmptySubsequences: false)
        for line in 0..<max(kept.count, made.count) {
            let (old, new) = (line < kept.count ? kept[line] : "", line < made.count ? made[line] : "")
            if old != new || (line < kept.count) != (line < made.count) {
                return "line \(line + 1): the file has \(old), the migrations make \(new)"
            }
        }
        return nil
    }
}
