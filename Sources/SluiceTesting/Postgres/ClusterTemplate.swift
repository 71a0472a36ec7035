/// A cluster made once per process; servers start from copies of it.
actor ClusterTemplate {
    static let shared = ClusterTemplate()

    private var making: Task<ScratchFolder, any Error>?

    /// Copies the cluster to `data` in the folder.
    func copy(to folder: ScratchFolder) async throws {
        let making = self.making ?? Task { try await Self.make() }
        self.making = making
        let template = try await making.value
        try await Command.run(
            ["cp", "-aT", "--reflink=auto", "\(template.path)/data", "\(folder.path)/data"], as: folder.account)
    }

    private static func make() async throws -> ScratchFolder {
        let folder = try ScratchFolder.make()
        let initdb = try Executables.path(of: "initdb", package: "postgresql")
        try await Command.run(
            [
                initdb, "--pgdata=\(folder.path)/data", "--username=postgres", "--auth=trust", "--encoding=UTF8",
                "--locale=C", "--no-sync",
            ], as: folder.account)
        // A server in single-user mode reads statements from its input, without a start that would have to be waited for.
        let postgres = try Executables.path(of: "postgres", package: "postgresql")
        let said = try await Command.run(
            [
                "sh", "-c", #"printf '%s' "$3" | "$1" --single -D "$2" postgres"#, "sh", postgres,
                "\(folder.path)/data", TestRole.statements,
            ], as: folder.account)
        guard !said.contains("ERROR:") else { throw FixtureError("the roles cannot be made: \(said)") }
        return folder
    }
}
