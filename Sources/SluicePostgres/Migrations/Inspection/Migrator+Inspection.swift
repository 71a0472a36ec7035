import Logging
import Postgres

extension Migrator {
    /// Compares the schema with what the migrations make. Reads the catalogue only.
    public func inspect() async throws(MigrationError) -> SchemaInspection {
        try await withConnection { connection throws(MigrationError) in try await connection.inspect() }
    }

    /// Puts right what needs nobody's decision: invalid indexes, partitions half detached, privileges.
    ///
    /// - Parameter version: a step whose file was changed and whose new checksum is to be recorded: somebody has made sure
    ///   that the schema is as the file has it.
    /// - Throws: what is found but cannot be mended is no error, and is returned.
    public func repair(acceptingChecksumOf version: Int? = nil) async throws(MigrationError) -> SchemaRepair {
        try await withConnection { connection throws(MigrationError) in
            let session = try await MigratorSession.begin(on: connection, of: self)
            if let version { try await session.acceptChecksum(of: version) }
            let findings = try await connection.inspect().findings
            for finding in findings { try await session.mend(finding) }
            let left = try await connection.inspect().findings
            return SchemaRepair(mended: findings.filter { !left.contains($0) }, left: left)
        }
    }
}

extension MigratorConnection {
    func inspect() async throws(MigrationError) -> SchemaInspection {
        let applied = try await applied()
        var findings: [SchemaFinding] = []
        do throws(MigrationError) {
            _ = try MigrationPlan(known: migrations, applied: applied)
        } catch {
            findings.append(
                SchemaFinding(
                    kind: .history, object: "migrations", detail: "\(error)", remedy: "see the finding", mend: nil))
        }
        findings += try await MigrationError.asking { () throws(PostgresError) in
            try await catalogueFindings(at: applied.last?.version ?? 0)
        }
        return SchemaInspection(current: applied.count, findings: findings)
    }

    private func catalogueFindings(at version: Int) async throws(PostgresError) -> [SchemaFinding] {
        var findings = try await connection.run(FindInvalidIndexes())
        if connection.serverVersion >= 140_000 { findings += try await connection.run(FindPendingDetaches()) }
        findings += try await connection.run(FindIncompletePartitions())
        findings += try await connection.run(FindDisabledTriggers())
        findings += try await connection.run(FindUnguardedTables())
        findings += try await connection.run(FindWriters())
        findings += try await connection.run(FindMissingFunctions(version: version))
        return findings + (try await connection.run(FindWrongPrivileges(version: version)))
    }
}

extension MigratorSession {
    fileprivate func acceptChecksum(of version: Int) async throws(MigrationError) {
        let applied = try await reader.applied()
        guard let step = applied.first(where: { $0.version == version }) else {
            throw .notApplied(version, current: applied.count)
        }
        guard let ours = reader.migrations.first(where: { $0.version == version }) else {
            throw .unknownTarget(version, newest: reader.migrations.count)
        }
        guard step.name == ours.name else { throw .renamed(step: ours.description, database: step.name) }
        try await MigrationError.asking { () throws(PostgresError) in
            try await connection.execute(MigratorText.begin(settings.lockTimeout))
            try await connection.execute(MigratorText.becomeOwner(isLocal: true))
            try await connection.run(RecordChecksum(migration: ours))
            try await connection.execute("COMMIT")
        }
        logger.notice(
            "checksum accepted",
            metadata: ["migration": "\(ours)", "before": "\(step.checksum)", "now": "\(ours.checksum)"])
    }

    /// What cannot be mended is found again afterwards; the log says why.
    fileprivate func mend(_ finding: SchemaFinding) async throws(MigrationError) {
        guard let sql = finding.mend else { return }
        do throws(PostgresError) {
            try await connection.execute(MigratorText.becomeOwner(isLocal: false))
            try await connection.execute(MigratorText.timeout(settings.patience, isLocal: false))
            try await connection.execute(sql)
            logger.notice("mended", metadata: ["object": "\(finding.object)", "sql": "\(sql)"])
        } catch {
            guard error.server != nil, error.sqlState?.isShutdown != true else { throw .database(error) }
            logger.error(
                "cannot mend",
                metadata: ["object": "\(finding.object)", "sql": "\(sql)", "error": "\(error.server?.message ?? "")"])
        }
    }
}
