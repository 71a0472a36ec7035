import FoundationEssentials

/// Makes the cluster on the first start, with its database and its roles.
struct ClusterSetup: Sendable {
    let folders: ClusterFolders
    /// The name of the account that Sluice itself runs as.
    let client: String

    private var layout: ClusterLayout { folders.layout }
    private var account: ServerAccount { folders.account }

    /// The version that an existing cluster was made by.
    var existingVersion: Int? {
        guard let text = try? String(contentsOfFile: "\(layout.cluster)/PG_VERSION", encoding: .utf8) else {
            return nil
        }
        return Int(text.prefix(while: \.isNumber))
    }

    /// Makes the cluster, its roles and its database under another name, then gives it its own: all of it or nothing.
    func make(with installation: PostgresInstallation) async throws(EmbeddedPostgresError) {
        let folder = layout.newCluster
        try remove(folder)
        try folders.handOver(folder)
        _ = try await Program(path: "\(installation.programs)/initdb", account: account).run([
            "--pgdata=\(folder)", "--username=postgres", "--encoding=UTF8", "--locale=C", "--data-checksums",
            "--auth-local=peer", "--auth-host=scram-sha-256", "--no-instructions",
        ])
        try await run(Self.databaseStatements + Self.roleStatements, in: folder, with: installation)
        try write(Self.accessRules, to: "\(folder)/pg_hba.conf")
        try write(accountMap, to: "\(folder)/pg_ident.conf")
        do {
            try FileManager.default.moveItem(atPath: folder, toPath: layout.cluster)
        } catch {
            throw EmbeddedPostgresError("\(folder) cannot be renamed to \(layout.cluster): \(error)")
        }
        markRoles()
    }

    /// Makes the roles that a cluster lacks since it was made by an older program. No server may run on it.
    func ensureRoles(with installation: PostgresInstallation) async throws(EmbeddedPostgresError) {
        guard !FileManager.default.fileExists(atPath: layout.rolesMark) else { return }
        try await run(Self.roleStatements, in: layout.cluster, with: installation)
        markRoles()
    }

    /// Without the mark the next start looks again.
    private func markRoles() {
        _ = FileManager.default.createFile(atPath: layout.rolesMark, contents: nil)
    }

    /// One statement a line. The role owns its database and is no superuser.
    private static let databaseStatements = """
        CREATE ROLE \(ClusterLayout.role) LOGIN
        CREATE DATABASE \(ClusterLayout.database) OWNER \(ClusterLayout.role)

        """

    /// One statement a line, which may be repeated. What migrates is what serves here, so it is a member of the owner; the
    /// other roles are for whoever else a person lets in.
    private static let roleStatements =
        ["sluice_owner", "sluice_app", "sluice_audit"].map { role in
            "DO $$ BEGIN IF to_regrole('\(role)') IS NULL THEN CREATE ROLE \(role) NOLOGIN; END IF; END $$\n"
        }.joined() + """
            GRANT sluice_owner TO \(ClusterLayout.role)
            GRANT CREATE ON DATABASE \(ClusterLayout.database) TO sluice_owner

            """

    /// A server in single-user mode needs no connection.
    private func run(
        _ statements: String, in folder: String, with installation: PostgresInstallation
    ) async throws(EmbeddedPostgresError) {
        let printed = try await Program(path: "\(installation.programs)/postgres", account: account)
            .run(["--single", "-D", folder, "postgres"], input: statements)
        // Single-user mode goes on after an error and exits with 0.
        guard !printed.contains("ERROR:") else {
            throw EmbeddedPostgresError("the embedded database cannot be set up: \(printed)")
        }
    }

    /// Only local sockets, and only the accounts of the map: the kernel vouches for them, there is no password.
    private static let accessRules = """
        # TYPE  DATABASE  USER  METHOD
        local   all       all   peer map=sluice

        """

    private var accountMap: String {
        let accounts = client == account.name ? [client] : [client, account.name]
        let lines = accounts.flatMap { name in
            [ClusterLayout.role, "postgres"].map { "sluice  \"\(name)\"  \($0)" }
        }
        return "# MAPNAME  SYSTEM-USERNAME  PG-USERNAME\n" + lines.joined(separator: "\n") + "\n"
    }

    /// Over files that initdb made, so that they stay the account's.
    private func write(_ text: String, to path: String) throws(EmbeddedPostgresError) {
        do {
            try text.write(toFile: path, atomically: false, encoding: .utf8)
        } catch {
            throw EmbeddedPostgresError("\(path) cannot be written: \(error)")
        }
    }

    private func remove(_ path: String) throws(EmbeddedPostgresError) {
        guard FileManager.default.fileExists(atPath: path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw EmbeddedPostgresError(
                "\(path) is left from a start that was interrupted and cannot be removed: \(error)")
        }
    }
}
