import Glibc

/// Small file systems in memory, for disks that are full or read-only. Only root may mount.
public enum TmpFS {
    /// Whether one can be mounted here.
    public static let isAvailable: Bool = {
        guard geteuid() == 0, let folder = try? ScratchFolder.make() else { return false }
        defer { Task { await folder.remove() } }
        return (try? mount(at: "probe", in: folder, bytes: 1 << 20)) != nil
    }()

    /// Mounts one; it goes with the folder.
    ///
    /// - Parameters:
    ///   - name: of the mount point in the folder, which is made.
    ///   - bytes: all that fits.
    /// - Returns: the mount point's path.
    @discardableResult
    public static func mount(at name: String, in folder: ScratchFolder, bytes: Int) throws -> String {
        let path = "\(folder.path)/\(name)"
        mkdir(path, 0o700)
        var options = "size=\(bytes),mode=0700"
        if let account = folder.account { options += ",uid=\(account.user),gid=\(account.group)" }
        guard Glibc.mount("none", path, "tmpfs", 0, options) == 0 else {
            throw FixtureError("no tmpfs can be mounted at \(path): errno \(errno)")
        }
        return path
    }

    /// - Throws: while files are open for writing there.
    public static func setReadOnly(_ isReadOnly: Bool, _ path: String) throws {
        let flags = UInt(MS_REMOUNT) | (isReadOnly ? UInt(MS_RDONLY) : 0)
        guard Glibc.mount("none", path, "tmpfs", flags, nil) == 0 else {
            throw FixtureError("\(path) cannot be mounted again: errno \(errno)")
        }
    }

    /// Fills what is free with one file, to the last byte.
    public static func fill(_ path: String) throws {
        let descriptor = open("\(path)/filler", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FixtureError("\(path) cannot be filled: errno \(errno)") }
        defer { close(descriptor) }
        for size in [1 << 20, 4_096, 1] {
            let bytes = [UInt8](repeating: 0, count: size)
            while write(descriptor, bytes, size) == size {}
        }
    }

    /// Ends ``fill(_:)``.
    public static func free(_ path: String) { unlink("\(path)/filler") }
}
