import Glibc
import Subprocess
import Synchronization

/// A program that runs beside the tests, as a child that is waited for (a zombie's process id looks alive).
final class ChildProcess: Sendable {
    let pid: pid_t
    private let ending: Task<Void, Never>
    private let isOver: Atomic<Bool>

    private init(pid: pid_t, ending: Task<Void, Never>) {
        self.pid = pid
        self.ending = ending
        isOver = Atomic(false)
    }

    /// Starts a program with its output in a file. It holds no pipe of ours, so nobody waits for one to end.
    ///
    /// - Parameter pidFile: where the process id goes, for the watchdog.
    static func start(
        _ arguments: [String], log: String, pidFile: String, as account: ServerAccount?
    ) async throws -> ChildProcess {
        let script = #"log=$1; echo $$ >"$2"; shift 2; exec "$@" >>"$log" 2>&1"#
        let command = ["-c", script, "sh", log, pidFile] + Command.prefix(account) + arguments
        let (pids, continuation) = AsyncStream<pid_t>.makeStream()
        let ending = Task {
            defer { continuation.finish() }
            _ = try? await Subprocess.run(
                .name("sh"), arguments: Arguments(command), platformOptions: Command.ownSession, input: .none,
                output: .discarded,
                error: .discarded
            ) { execution in
                continuation.yield(execution.processIdentifier.value)
            }
        }
        for await pid in pids {
            let child = ChildProcess(pid: pid, ending: ending)
            Task { await child.waitUntilExit() }
            return child
        }
        throw FixtureError("\(arguments.first ?? "the program") could not be started")
    }

    var hasExited: Bool { isOver.load(ordering: .acquiring) }

    func signal(_ number: Int32) {
        if !hasExited { kill(pid, number) }
    }

    /// The processes that it has started.
    var children: [pid_t] {
        guard let file = fopen("/proc/\(pid)/task/\(pid)/children", "r") else { return [] }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 65_536)
        guard fgets(&text, Int32(text.count), file) != nil else { return [] }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
    }

    func waitUntilExit() async {
        await ending.value
        isOver.store(true, ordering: .releasing)
    }
}
