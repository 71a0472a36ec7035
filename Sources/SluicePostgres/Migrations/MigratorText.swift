/// SQL that the migrator runs and prints alike.
enum MigratorText {
    /// For the session: only the catalogue's names are found without a schema, nothing but a lock's timeout ends a step, and
    /// the text of a step means what it says.
    static let session = """
        SET application_name = 'sluice migrate'; SET client_min_messages = warning;
        SET search_path = pg_catalog, pg_temp; SET statement_timeout = 0;
        SET idle_in_transaction_session_timeout = '1min'; SET default_transaction_isolation = 'read committed';
        SET default_transaction_read_only = off;
        SET standard_conforming_strings = on; SET check_function_bodies = on
        """

    /// So that the server notices soon when the program or the network is gone, and the lock does not stay behind.
    static let keepalives =
        "SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3"

    /// As ``keepalives``, while a statement runs; PostgreSQL 14 or later, on systems that have it.
    static let connectionCheck = "SET client_connection_check_interval = '5s'"

    /// Begins a transaction that waits for no lock for longer.
    static func begin(_ lockTimeout: Duration) -> String { "BEGIN; " + timeout(lockTimeout, isLocal: true) }

    static func timeout(_ lockTimeout: Duration, isLocal: Bool) -> String {
        "SET \(isLocal ? "LOCAL " : "")lock_timeout = \(lockTimeout.serverMilliseconds)"
    }

    /// Becomes the owner of the schema, for the transaction or for the session.
    static func becomeOwner(isLocal: Bool) -> String {
        """
        SELECT set_config('role', pg_get_userbyid(nspowner), \(isLocal)) FROM pg_namespace
        WHERE nspname = 'sluice' AND pg_get_userbyid(nspowner) <> current_user
        """
    }

    static let createSchema = "CREATE SCHEMA IF NOT EXISTS sluice"

    /// Where the steps are recorded. With the schema, the one part that is not a numbered step.
    static let createTable = """
        CREATE TABLE IF NOT EXISTS sluice.migrations (
            version integer PRIMARY KEY,
            name text NOT NULL,
            checksum text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
        )
        """

    /// Text as a literal; names and checksums hold nothing that needs more.
    static func literal(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }

    static func identifier(_ text: String) -> String { "\"" + text.replacing("\"", with: "\"\"") + "\"" }
}
