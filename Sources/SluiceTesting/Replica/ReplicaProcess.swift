import Glibc
import Subprocess
import Synchronization

/// A `sluice serve` of the build under test, as a process of its own, on a port of 127.0.0.1.
///
/// It is gone when the tests end, also when they are killed.
public final class ReplicaProcess: Sendable {
    /// What callers present as `Authorization: Bearer`.
    public static let serviceKey = "integration-tests-0123456789abcdef"

    public let port: Int
    private let pid: pid_t
    private let folder: ScratchFolder
    private let ending: Task<Int32, any Error>
    private let isOver: Atomic<Bool>

    private init(port: Int, pid: pid_t, folder: ScratchFolder, ending: Task<Int32, any Error>) {
        self.port = port
        self.pid = pid
        self.folder = folder
        self.ending = ending
        isOver = Atomic(false)
    }

    /// Starts one and waits until it says that it decides calls.
    ///
    /// - Parameter database: a connection string of libpq.
    /// - Throws: ``FixtureError`` with the end of its log, when it ends before.
    public static func start(_ database: String, _ options: ReplicaOptions = ReplicaOptions()) async throws
        -> ReplicaProcess
    {
        let folder = try ScratchFolder.make()
        do {
            return try await start(database, options, in: folder)
        } catch {
            await folder.remove()
            throw error
        }
    }

    /// Brings a database up to date with the program's own `migrate`.
    public static func migrate(_ database: String) async throws {
        try await run(["migrate", "up"], on: database)
    }

    /// Runs another command of the program on a database.
    ///
    /// - Returns: what it printed, on standard error too.
    @discardableResult
    public static func run(_ arguments: [String], on database: String) async throws -> String {
        try await Command.run(["env", "DATABASE_URL=\(database)", try ReplicaOptions.program()] + arguments)
    }

    private static func start(
        _ database: String, _ options: ReplicaOptions, in folder: ScratchFolder
    ) async throws -> ReplicaProcess {
        // A replica that is not waited for cannot tell its port.
        let fixedPort = if let port = options.port { port } else { options.waitsUntilReady ? 0 : try FreePort.next() }
        let (lines, line) = AsyncStream<String>.makeStream()
        let command = try options.command(port: fixedPort, log: "\(folder.path)/log", pidFile: folder.pidFile("sluice"))
        let environment = options.environment(database: database, folder: folder.path)
        let ending = Task {
            defer { line.finish() }
            return try await run(command, environment) { line.yield($0) }
        }
        var (pid, port): (pid_t?, Int?) = (nil, options.waitsUntilReady ? nil : fixedPort)
        for await line in lines {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "pid" { pid = pid_t(words[1]) }
            if words.count == 2, words[0] == "ready" { port = Int(words[1]) }
            guard let pid, let port else { continue }
            return watched(ReplicaProcess(port: port, pid: pid, folder: folder, ending: ending))
        }
        let status = try await ending.value
        throw FixtureError("sluice serve ended with \(status) before it was ready:\n\(folder.tail(of: "log"))")
    }

    /// Its standard input is a pipe that only this process holds, by whose end it ends.
    private static func run(
        _ command: [String], _ environment: [String: String], onLine: @escaping @Sendable (String) -> Void
    ) async throws -> Int32 {
        let variables = environment.map { (Environment.Key(stringLiteral: $0), $1) }
        let result = try await Subprocess.run(
            .name("env"), arguments: Arguments(command),
            environment: .custom(Dictionary(uniqueKeysWithValues: variables)),
            platformOptions: Command.ownSession, input: .inputWriter, output: .sequence, error: .discarded
        ) { execution in
            for try await line in execution.standardOutput.strings() { onLine(line) }
        }
        switch result.terminationStatus {
        case .exited(let status): return status
        case .signaled(let signal): return 128 + signal
        }
    }

    private static func watched(_ replica: ReplicaProcess) -> ReplicaProcess {
        Task {
            _ = try? await replica.ending.value
            replica.isOver.store(true, ordering: .releasing)
        }
        return replica
    }

    // MARK: Ending

    /// Sends a signal, if it still runs.
    public func signal(_ number: Int32) {
        if !isOver.load(ordering: .acquiring) { kill(pid, number) }
    }

    /// - Returns: the exit status; 128 and the signal's number when a signal ended it.
    @discardableResult
    public func waitUntilExit() async throws -> Int32 { try await ending.value }

    /// Stops it in order and returns its exit status, and removes its files.
    @discardableResult
    public func stop() async throws -> Int32 {
        signal(SIGTERM)
        let status = try await waitUntilExit()
        await folder.remove()
        return status
    }

    /// Ends it at once, if it still runs, and removes its files.
    public func remove() async {
        signal(SIGKILL)
        _ = try? await waitUntilExit()
        await folder.remove()
    }

    /// Where its log is; gone when it is removed.
    public var logFile: String { "\(folder.path)/log" }

    /// The end of its log, for failure messages.
    public var logTail: String { folder.tail(of: "log") }
}
