import Glibc

/// Makes the folders of the embedded PostgreSQL and gives them to its account.
struct ClusterFolders: Sendable {
    let layout: ClusterLayout
    let account: ServerAccount

    /// - Throws: ``EmbeddedPostgresError`` naming the folder and what to do about it.
    func prepare() throws(EmbeddedPostgresError) {
        // The server's account must pass; what others must not see in it is closed by itself.
        try Folder.makeWithParents(layout.root, mode: account.isOther ? 0o755 : 0o700)
        if account.isOther { try checkPassage() }
        try handOver(layout.logs)
        try handOver(layout.socketDirectory)
    }

    /// A folder that belongs to the server's account and is closed to everybody else.
    func handOver(_ path: String) throws(EmbeddedPostgresError) {
        try Folder.make(path, mode: 0o700)
        // In /tmp anybody could have made it first: a link or a stranger's folder is refused below.
        if account.isOther, Folder.status(path)?.st_uid == 0 { _ = lchown(path, account.userID, account.groupID) }
        guard let status = Folder.status(path), status.st_mode & S_IFMT == S_IFDIR, status.st_uid == account.userID,
            status.st_mode & 0o077 == 0
        else {
            throw EmbeddedPostgresError(
                "\(path) must be a folder that belongs to \(account.name) and is closed to others: remove it or fix it"
                    + " (chown \(account.name), chmod 700)")
        }
    }

    /// The server's account must be able to walk down to the data.
    private func checkPassage() throws(EmbeddedPostgresError) {
        let parts = layout.root.split(separator: "/")
        for count in parts.indices {
            let folder = "/" + parts[...count].joined(separator: "/")
            var status = stat()
            guard stat(folder, &status) == 0 else { continue }
            let needed: mode_t =
                if status.st_uid == account.userID {
                    0o100
                } else if status.st_gid == account.groupID {
                    0o010
                } else {
                    0o001
                }
            guard status.st_mode & needed == 0 else { continue }
            throw EmbeddedPostgresError(
                "PostgreSQL runs as \(account.name), which may not enter \(folder): set SLUICE_DATA_DIR to another"
                    + " folder, such as /var/lib/sluice")
        }
    }
}
