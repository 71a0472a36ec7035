import Subprocess
import SystemPackage

/// A child that lives as long as the pipe on its standard input, whose other end only this process holds.
///
/// When this process ends, in whatever way, the child sees the end of its input and ends too. What it prints on standard
/// output are lines to its parent; the end of that output is the end of the child.
struct SupervisedProcess: Sendable {
    let path: String
    let arguments: [String]
    let environment: Environment
    /// Who the child runs as, when not as this process does.
    var account: ServerAccount?
    /// `nil` inherits this process'.
    var workingDirectory: String?
    /// Where its standard error goes; `nil` discards it.
    var log: String?

    /// Runs the child until it ends by itself, or until `stop` happens and it has ended after that.
    ///
    /// - Returns: how it ended, in words.
    func run(until stop: OneShot, onLine: @escaping @Sendable (String) -> Void) async throws -> String {
        guard let log else { return try await run(error: .discarded, until: stop, onLine: onLine) }
        let file = try FileDescriptor.open(
            FilePath(log), .writeOnly, options: [.append, .create, .closeOnExec], permissions: [.ownerReadWrite])
        return try await run(
            error: .fileDescriptor(file, closeAfterSpawningProcess: true), until: stop, onLine: onLine)
    }

    private func run(
        error: some ErrorOutputProtocol, until stop: OneShot, onLine: @escaping @Sendable (String) -> Void
    ) async throws -> String {
        let command = account.command(for: path, arguments)
        var options = PlatformOptions()
        // A Ctrl-C at the terminal is for this process alone; it stops its children in order.
        options.createSession = true
        let result = try await Subprocess.run(
            .path(command.path), arguments: command.arguments, environment: environment,
            workingDirectory: workingDirectory.map { FilePath($0) }, platformOptions: options, input: .inputWriter,
            output: .sequence, error: error
        ) { execution in
            try await withThrowingTaskGroup { group in
                group.addTask {
                    await stop.wait()
                    try await execution.standardInputWriter.finish()
                }
                for try await line in execution.standardOutput.strings() { onLine(line) }
                group.cancelAll()
            }
        }
        return "\(result.terminationStatus)"
    }
}
