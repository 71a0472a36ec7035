import ArgumentParser

/// An error that a person reads and that decides the exit code.
struct CommandError: Error, CustomStringConvertible {
    let status: CommandStatus
    let description: String

    init(_ status: CommandStatus, _ description: String) {
        self.status = status
        self.description = description
    }
}

/// Runs a command's body so that every failure becomes one message on standard error and one documented exit code.
func reportingErrors(_ body: () async throws -> CommandStatus) async throws {
    let status: CommandStatus
    do {
        status = try await body()
    } catch {
        Terminal.printError("sluice: \(error)")
        status = CommandStatus(error)
    }
    guard status == .success else { throw ExitCode(status.rawValue) }
}
