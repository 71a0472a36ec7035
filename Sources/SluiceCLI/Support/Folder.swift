import Glibc

/// Folders that are made when they are missing.
enum Folder {
    /// - Throws: ``EmbeddedPostgresError`` naming the folder that cannot be made and the remedy.
    static func makeWithParents(_ path: String, mode: mode_t) throws(EmbeddedPostgresError) {
        let parts = path.split(separator: "/").dropLast()
        for count in parts.indices {
            let parent = "/" + parts[...count].joined(separator: "/")
            if status(parent) == nil { try make(parent, mode: 0o755) }
        }
        try make(path, mode: mode)
    }

    static func make(_ path: String, mode: mode_t) throws(EmbeddedPostgresError) {
        guard mkdir(path, mode) != 0, errno != EEXIST else { return }
        throw EmbeddedPostgresError(
            "\(path) cannot be made: \(String(cString: strerror(errno))); set SLUICE_DATA_DIR to a folder that can")
    }

    /// Of the path itself, not of what a link points to; `nil` when there is nothing.
    static func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }
}
