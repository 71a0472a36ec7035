import Subprocess

/// Programs that run to their end.
enum Command {
    /// - Throws: with what the program said, when it fails.
    @discardableResult
    static func run(_ arguments: [String], as account: ServerAccount? = nil) async throws -> String {
        let command = ["-c", "exec \"$@\" 2>&1", "sh"] + prefix(account) + arguments
        let result = try await Subprocess.run(
            .name("sh"), arguments: Arguments(command), output: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else {
            throw FixtureError("\(arguments.joined(separator: " ")): \(result.standardOutput)")
        }
        return result.standardOutput
    }

    /// What makes a command run as another user.
    ///
    /// Not the library's own options for that: they call `setgroups` between fork and exec, where glibc waits for
    /// threads that the child does not have, now and then for ever.
    static func prefix(_ account: ServerAccount?) -> [String] {
        guard let account else { return [] }
        return ["setpriv", "--reuid=\(account.user)", "--regid=\(account.group)", "--clear-groups", "--"]
    }

    /// A session of its own, so that a signal to the tests' process group does not reach it.
    static var ownSession: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        return options
    }
}
