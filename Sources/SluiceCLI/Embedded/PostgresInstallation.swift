import FoundationEssentials

/// The programs of one PostgreSQL version on this machine.
struct PostgresInstallation: Equatable, Sendable {
    /// The folder of `postgres` and `initdb`.
    let programs: String
    let majorVersion: Int

    static let oldestSupported = 13

    /// Where distributions put the programs: Debian keeps them out of the search path, one folder a version.
    private static let homes = ["/usr/lib/postgresql", "/usr/lib/postgres", "/usr/local/pgsql", "/opt/postgresql"]

    /// The version that the cluster was made by, or the newest for a new cluster.
    ///
    /// - Parameter version: the content of the cluster's `PG_VERSION`; `nil` when there is no cluster yet.
    static func find(for version: Int?, searchPath: String) async throws(EmbeddedPostgresError) -> PostgresInstallation
    {
        let found = await all(searchPath: searchPath)
        guard let version else {
            if let newest = found.first(where: { $0.majorVersion >= oldestSupported }) { return newest }
            throw EmbeddedPostgresError(
                "no PostgreSQL \(oldestSupported) or later is installed: install it (apt-get install postgresql)"
                    + " or set DATABASE_URL to one that runs elsewhere")
        }
        if let matching = found.first(where: { $0.majorVersion == version }) { return matching }
        let installed = found.isEmpty ? "none" : found.map { "\($0.majorVersion)" }.joined(separator: ", ")
        throw EmbeddedPostgresError(
            "the embedded database was made by PostgreSQL \(version), installed is \(installed):"
                + " install postgresql-\(version), or move the database with pg_upgrade")
    }

    /// Every installation, the newest first.
    static func all(searchPath: String) async -> [PostgresInstallation] {
        let versioned = homes.flatMap { home in
            ((try? FileManager.default.contentsOfDirectory(atPath: home)) ?? []).map { "\(home)/\($0)/bin" }
        }
        let directories = versioned + homes.map { "\($0)/bin" } + searchPath.split(separator: ":").map(String.init)
        var seen: Set<String> = []
        var found: [PostgresInstallation] = []
        for directory in directories where seen.insert(directory).inserted {
            if let installation = await installation(in: directory) { found.append(installation) }
        }
        return found.sorted { $0.majorVersion > $1.majorVersion }
    }

    private static func installation(in directory: String) async -> PostgresInstallation? {
        guard
            ["postgres", "initdb"].allSatisfy({ FileManager.default.isExecutableFile(atPath: "\(directory)/\($0)") }),
            let answer = try? await Program(path: "\(directory)/postgres").run(["--version"])
        else { return nil }
        return majorVersion(from: answer).map { PostgresInstallation(programs: directory, majorVersion: $0) }
    }

    /// `postgres (PostgreSQL) 15.18 (Debian …)` → 15; a beta says `17beta1`.
    static func majorVersion(from answer: String) -> Int? {
        let marker = "(PostgreSQL) "
        guard let range = answer.firstRange(of: marker) else { return nil }
        return Int(answer[range.upperBound...].prefix(while: \.isNumber))
    }
}
