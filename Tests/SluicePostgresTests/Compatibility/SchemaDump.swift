import Foundation
import Postgres
import SluiceTesting

/// The whole schema as one text, the same on every day and every machine with the same PostgreSQL.
enum SchemaDump {
    /// Of PostgreSQL. Minor versions print the same; major versions do not.
    static let major = 15

    private static let header = """
        -- The schema as all migrations leave it, as pg_dump of PostgreSQL \(major) prints it: for people who read; nothing loads it.
        -- Left out: partitions, owners, and what sluice.cover_recent replaces day by day. Made by bin/schema, not edited.


        """

    /// What changes from day to day, by the names that pg_dump gives it.
    private static let daily = [
        "recent; Type: VIEW", "near; Type: VIEW", "later; Type: VIEW", "open_partition; Type: VIEW",
        "recent_from(); Type: FUNCTION", "recent_until(); Type: FUNCTION", "recent_reach(); Type: FUNCTION",
        "open_from(); Type: FUNCTION", "open_until(); Type: FUNCTION",
    ]

    /// Of a migrated database.
    ///
    /// - Parameter url: as a superuser, like the connection.
    static func take(of url: String, _ connection: PostgresConnection) async throws -> String {
        let partitions = try await connection.query(
            "SELECT c.oid::regclass::text FROM pg_class AS c WHERE c.relispartition AND c.relkind = 'r' ORDER BY 1"
        ).map { try $0.decode(String.self, at: 0) }
        return normalized(try await PostgresServer.dumpSchema("sluice", of: url, leavingOut: partitions))
    }

    /// - Parameter dump: as pg_dump prints it, where a comment of three lines announces each object.
    static func normalized(_ dump: String) -> String {
        let objects = dump.components(separatedBy: "\n--\n-- Name: ").dropFirst()
        return header + objects.map(body).joined(separator: "\n\n") + "\n"
    }

    private static func body(_ object: String) -> String {
        if let name = daily.first(where: { object.hasPrefix($0) }) {
            return "-- Name: \(name): replaced by sluice.cover_recent"
        }
        let statement = object.components(separatedBy: "\n--\n").dropFirst().joined(separator: "\n--\n")
        return statement.components(separatedBy: "\n--\n-- PostgreSQL database dump complete")[0]
            .components(separatedBy: "\n").filter { !$0.hasPrefix("SET default_") }.joined(separator: "\n")
            .trimmingCharacters(in: .newlines)
    }
}
