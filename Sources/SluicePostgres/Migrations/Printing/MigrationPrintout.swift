/// Steps as a script for psql, which leaves what the migrator would, its records included.
///
/// Each step looks whether the schema is where it begins, so a step that fails stops those behind it even where the script
/// was pasted. Unlike the migrator it does not try again when it does not get a lock: what is left is printed anew.
public struct MigrationPrintout: Sendable {
    let steps: [Migration]
    let direction: MigrationDirection
    let current: Int
    let lockTimeout: Duration

    /// - Parameters:
    ///   - steps: in the order in which they are taken.
    ///   - current: the version before them.
    public init(
        _ steps: [Migration], _ direction: MigrationDirection, from current: Int,
        lockTimeout: Duration = MigratorSettings().lockTimeout
    ) {
        self.steps = steps
        self.direction = direction
        self.current = current
        self.lockTimeout = lockTimeout
    }

    public var text: String {
        var version = current
        var parts = [head]
        for step in steps {
            parts.append(text(of: step, at: version))
            version += direction == .up ? 1 : -1
        }
        parts.append("SELECT pg_advisory_unlock(\(MigrationLock.lockClass), 0);")
        return parts.joined(separator: "\n\n")
    }

    private var head: String {
        """
        -- The schema of Sluice from version \(current) \(direction.rawValue) by \(steps.count). Run it with psql, on a direct connection, as the
        -- owner of the schema sluice, as a role that may become that, or as a superuser.
        \\set ON_ERROR_STOP on
        \\set AUTOCOMMIT on
        \\encoding UTF8
        \(MigratorText.session);
        \(MigratorText.timeout(lockTimeout, isLocal: false));

        \(guarding("IF NOT pg_try_advisory_lock(\(MigrationLock.lockClass), 0) THEN \(Self.busy) END IF;"))
        """ + (current == 0 ? "\n\n\(bookkeeping)" : "")
    }

    private var bookkeeping: String {
        """
        BEGIN;
        \(MigratorText.createSchema);
        \(guarding(becomeOwner(isLocal: true)))
        \(MigratorText.createTable);
        COMMIT;
        """
    }

    private func text(of step: Migration, at version: Int) -> String {
        let script = step.script(direction)
        let title = "-- \(step), \(direction.rawValue)"
        guard script.isTransactional else {
            return [
                title, opening(at: version, isLocal: false), leftovers(of: script),
                script.statements.map { timed(ended($0)) }.joined(separator: "\n\n"),
                "RESET ROLE;\n" + MigratorText.timeout(lockTimeout, isLocal: false) + ";", "BEGIN;",
                opening(at: version, isLocal: true), record(step), "COMMIT;",
            ].filter { !$0.isEmpty }.joined(separator: "\n")
        }
        return [title, "BEGIN;", opening(at: version, isLocal: true), ended(script.sql), record(step), "COMMIT;"]
            .joined(separator: "\n")
    }

    /// Nobody else is at work, the owner of the schema is, and the schema is where this step begins.
    private func opening(at version: Int, isLocal: Bool) -> String {
        guarding(
            """
            IF NOT pg_try_advisory_\(isLocal ? "xact_" : "")lock(\(MigrationLock.lockClass), 0) THEN \(Self.busy) END IF;
                \(becomeOwner(isLocal: isLocal))
                IF (SELECT count(*) FROM sluice.migrations) <> \(version) THEN
                    RAISE EXCEPTION 'the schema is not at version \(version), where this step begins: print the SQL again';
                END IF;
            """)
    }

    private static let busy =
        "RAISE EXCEPTION 'another migrator is at work: wait for it to end, then print the SQL again';"

    private func becomeOwner(isLocal: Bool) -> String {
        """
        PERFORM set_config('role', pg_get_userbyid(nspowner), \(isLocal)) FROM pg_namespace
                WHERE nspname = 'sluice' AND pg_get_userbyid(nspowner) <> current_user;
        """
    }

    private func guarding(_ body: String) -> String { "DO $sluice$\nBEGIN\n    \(body)\nEND\n$sluice$;" }

    /// Indexes that an attempt before this one has left invalid.
    private func leftovers(of script: MigrationScript) -> String {
        let names = script.concurrentIndexes
        guard !names.isEmpty else { return "" }
        return """
            SET lock_timeout = 0;
            SELECT format('DROP INDEX CONCURRENTLY IF EXISTS sluice.%I', c.relname) FROM pg_index AS i
                JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = 'sluice' AND NOT i.indisvalid
                AND c.relname IN (\(names.map(MigratorText.literal).joined(separator: ", "))) \\gexec
            """
    }

    private func timed(_ statement: String) -> String {
        let timeout =
            MigrationScript.isConcurrent(statement)
            ? "SET lock_timeout = 0" : MigratorText.timeout(lockTimeout, isLocal: false)
        return "\(timeout);\n\(statement)"
    }

    /// A semicolon of its own ends whatever the file did not end, and is nothing to psql otherwise.
    private func ended(_ sql: String) -> String { sql.hasSuffix("\n") ? sql + ";" : sql + "\n;" }

    private func record(_ step: Migration) -> String {
        switch direction {
        case .up:
            """
            INSERT INTO sluice.migrations (version, name, checksum)
            VALUES (\(step.version), \(MigratorText.literal(step.name)), \(MigratorText.literal(step.checksum)));
            """
        case .down: "DELETE FROM sluice.migrations WHERE version = \(step.version);"
        }
    }
}
