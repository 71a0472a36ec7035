import Dispatch
import Glibc

/// A file that gets its name when it is whole and on the disk.
public enum DurableFile {
    /// Waits for the disk, on no thread that tasks run on, and moves the file to its name then.
    public static func settle(_ partialPath: String, as path: String) async throws(ExportError) {
        let result: Result<Void, ExportError> = await withCheckedContinuation { waiter in
            DispatchQueue.global().async { waiter.resume(returning: move(partialPath, to: path)) }
        }
        try result.get()
    }

    private static func move(_ partialPath: String, to path: String) -> Result<Void, ExportError> {
        guard sync(partialPath, O_RDONLY) else { return .failure(.system(path, "written to the disk")) }
        guard rename(partialPath, path) == 0 else { return .failure(.system(path, "given its name")) }
        // A name is on the disk when its folder is.
        let folder =
            path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/"
        guard sync(folder, O_RDONLY | O_DIRECTORY) else { return .failure(.system(path, "written to the disk")) }
        return .success(())
    }

    private static func sync(_ path: String, _ flags: Int32) -> Bool {
        let descriptor = open(path, flags | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }
}
