import FoundationEssentials

/// Makes the cluster on the first start.
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

    /// Makes the cluster, its role and its database under another name, then gives it its own: all of it or nothing.
    func make(with installation: PostgresInstallation) async throws(EmbeddedPostgresError) {
        let folder = layout.newCluster
        try remove(folder)
        try folders.handOver(folder)
        _ = try await Program(path: "\(installation.programs)/initdb", account: account).run([
            "--pgdata=\(folder)", "--username=postgres", "--encoding=UTF8", "--locale=C", "--data-checksums",
            "--auth-local=peer", "--auth-host=scram-sha-256", "--no-instructions",
        ])
        try await makeRoleAndDatabase(in: folder, with: installation)
        try write(Self.accessRules, to: "\(folder)/pg_hba.conf")
        try write(accountMap, to: "\(folder)/pg_ident.conf")
        do {
            try FileManager.default.moveItem(atPath: folder, toPath: layout.cluster)
        } catch {
            throw EmbeddedPostgresError("\(folder) cannot be renamed to \(layout.cluster): \(error)")
        }
    }

    /// The role owns its database and is no superuser. A server in single-user mode needs no connection for this.
    private func makeRoleAndDatabase(
        in folder: String, with installation: PostgresInstallation
    ) async throws(EmbeddedPostgresError) {
        let statements = """
            CREATE ROLE \(ClusterLayout.role) LOGIN
            CREATE DATABASE \(ClusterLayout.database) OWNER \(ClusterLayout.role)

            """
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
