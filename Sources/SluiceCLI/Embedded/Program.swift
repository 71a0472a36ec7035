import Subprocess
import SystemPackage

/// A program that is run to its end, for what it prints.
struct Program: Sendable {
    let path: String
    /// Who it runs as, when not as this process does.
    var account: ServerAccount?

    /// - Parameter input: what the program reads on standard input.
    /// - Returns: what it printed on both outputs.
    /// - Throws: ``EmbeddedPostgresError`` with that text when it fails.
    func run(_ arguments: [String], input: String = "") async throws(EmbeddedPostgresError) -> String {
        let command = account.command(for: path, arguments)
        let name = path.split(separator: "/").last.map(String.init) ?? path
        do {
            let result = try await Subprocess.run(
                .path(command.path), arguments: command.arguments, environment: Self.environment,
                workingDirectory: "/", input: .string(input), output: .string(limit: 1 << 20),
                error: .combinedWithOutput)
            let text = result.standardOutput
            guard result.terminationStatus.isSuccess else {
                throw EmbeddedPostgresError("\(name) failed (\(result.terminationStatus)): \(text)")
            }
            return text
        } catch let error as EmbeddedPostgresError {
            throw error
        } catch {
            throw EmbeddedPostgresError("\(name) cannot be run: \(error)")
        }
    }

    /// Nothing of ours: variables such as `PGDATA`, `PGOPTIONS` or `LC_ALL` change what PostgreSQL's programs do.
    static let environment = Environment.custom(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC"])
}

extension ServerAccount? {
    /// The words that run a program as this account; without one, as this process' own.
    ///
    /// A small program switches: done in a fork of this process, with its many threads, glibc's `setuid` can wait for ever
    /// for a thread that the fork does not have.
    func command(for path: String, _ arguments: [String]) -> (path: FilePath, arguments: Arguments) {
        guard let self, self.isOther else { return (FilePath(path), Arguments(arguments)) }
        let identity = ["--reuid=\(self.userID)", "--regid=\(self.groupID)", "--clear-groups"]
        return ("/usr/bin/setpriv", Arguments(identity + ["--", path] + arguments))
    }
}
