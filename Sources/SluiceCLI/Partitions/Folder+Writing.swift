import Glibc

extension Folder {
    /// Whether there is a folder, or a link to one, that files may be made in.
    static func isWritable(_ path: String) -> Bool {
        var found = stat()
        return stat(path, &found) == 0 && found.st_mode & S_IFMT == S_IFDIR && access(path, W_OK | X_OK) == 0
    }
}
