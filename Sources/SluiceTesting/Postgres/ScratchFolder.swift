import Glibc
import Subprocess

/// A short folder for a server's files, with a watchdog: when the tests end, in whatever way, what still runs from the
/// folder is killed and the folder removed.
public final class ScratchFolder: Sendable {
    /// Short, since a unix socket's path has 107 bytes at most.
    public let path: String
    let account: ServerAccount?
    private let watchdog: Task<Void, Never>
    private let release: AsyncStream<Void>.Continuation

    /// Reads until the tests' end of the pipe closes, which the kernel sees to, then ends all that has left a process id
    /// and unmounts what is mounted.
    private static let script = #"""
        lives() { kill -0 "$1" && ! grep -q '^State:.*Z' "/proc/$1/status"; }
        cat >/dev/null
        for file in "$1"/pids/*; do
            pid=$(cat "$file") || continue
            kill -CONT $(cat "/proc/$pid/task/$pid/children") "$pid"
            kill -QUIT "$pid"
            tries=0
            while lives "$pid" && [ $tries -lt 100 ]; do tries=$((tries + 1)); sleep 0.05; done
            if lives "$pid"; then kill -KILL $(cat "/proc/$pid/task/$pid/children") "$pid"; fi
        done
        grep -F " $1/" /proc/mounts | cut -d' ' -f2 | xargs -r umount -l
        rm -rf "$1"
        """#

    private init(
        path: String, account: ServerAccount?, watchdog: Task<Void, Never>, release: AsyncStream<Void>.Continuation
    ) {
        self.path = path
        self.account = account
        self.watchdog = watchdog
        self.release = release
    }

    /// A new one.
    public static func make() throws -> ScratchFolder {
        let account = try ServerAccount.current()
        var template = Array("/tmp/slt-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FixtureError("no temporary folder: errno \(errno)") }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(path, 0o755)
        mkdir("\(path)/pids", 0o755)
        if let account {
            chown(path, account.user, account.group)
            chown("\(path)/pids", account.user, account.group)
        }
        let (stream, release) = AsyncStream<Void>.makeStream()
        let watchdog = Task {
            _ = try? await Subprocess.run(
                .name("sh"), arguments: ["-c", script, "sh", path],
                platformOptions: Command.ownSession, input: .inputWriter, output: .discarded,
                error: .discarded
            ) { execution in
                for await _ in stream {}
                try await execution.standardInputWriter.finish()
            }
        }
        return ScratchFolder(path: path, account: account, watchdog: watchdog, release: release)
    }

    /// Ends what runs from it and removes it.
    public func remove() async {
        release.finish()
        await watchdog.value
    }

    func pidFile(_ name: String) -> String { "\(path)/pids/\(name)" }

    func write(_ text: String, to name: String, mode: mode_t = 0o600) throws {
        let file = "\(path)/\(name)"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FixtureError("\(file) cannot be written: errno \(errno)") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw FixtureError("\(file) cannot be written: errno \(errno)")
        }
        if let account { chown(file, account.user, account.group) }
    }

    /// The last part of a file, for error messages.
    func tail(of name: String) -> String {
        guard let file = fopen("\(path)/\(name)", "r") else { return "" }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        fseek(file, max(0, ftell(file) - 4_000), SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: 4_000)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
