import Foundation
import Subprocess
import SystemPackage
import Testing

/// The program itself, as it was built beside the tests.
struct SluiceUnderTest {
    /// What it sees beyond the bare necessities.
    var environment: [String: String] = [:]

    struct Result {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Runs a command to its end.
    func run(_ arguments: String...) async throws -> Result { try await run(arguments) }

    func run(_ arguments: [String]) async throws -> Result {
        let result = try await Subprocess.run(
            .path(try Self.path()), arguments: Arguments(arguments), environment: try custom(), input: .none,
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        guard case .exited(let status) = result.terminationStatus else {
            throw Failure(description: "ended by \(result.terminationStatus)")
        }
        return Result(status: status, output: result.standardOutput, errors: result.standardError)
    }

    /// Runs a command while the body runs, and then to its end, which the body brings about.
    ///
    /// - Returns: the exit status; 128 and the signal's number when a signal ended it.
    @discardableResult
    func running(_ arguments: [String], _ body: (Running) async throws -> Void) async throws -> Int32 {
        let result = try await Subprocess.run(
            .path(try Self.path()), arguments: Arguments(arguments), environment: try custom(), input: .none,
            output: .sequence, error: .currentStandardError
        ) { execution in
            let lines = Lines(execution.standardOutput)
            try await body(Running(process: execution.processIdentifier.value, lines: lines))
        }
        switch result.terminationStatus {
        case .exited(let status): return status
        case .signaled(let signal): return 128 + signal
        }
    }

    private func custom() throws -> Environment {
        let inherited = ProcessInfo.processInfo.environment
        var variables = environment
        for name in ["PATH", "HOME", "TMPDIR", "SLUICE_TEST_RUN"] {
            variables[name] = variables[name] ?? inherited[name]
        }
        return .custom(Dictionary(uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0), $1) }))
    }

    private static func path() throws -> FilePath {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = tests.split(separator: "/").dropLast().joined(separator: "/")
        return FilePath("/\(folder)/sluice")
    }
}

/// A command that is under way.
struct Running {
    let process: Int32
    let lines: Lines

    func send(_ signal: Int32) { kill(process, signal) }

    /// Reads up to the line that begins like this.
    func line(beginning start: String) async throws -> String {
        while let line = try await lines.next() {
            if line.hasPrefix(start) { return line }
        }
        throw Failure(description: "the output ended before a line that begins with \(start)")
    }
}

/// The lines of a process, read one by one.
final class Lines {
    private var iterator: SubprocessOutputSequence.StringSequence<UTF8>.AsyncIterator

    init(_ output: SubprocessOutputSequence) {
        iterator = output.strings().makeAsyncIterator()
    }

    func next() async throws -> String? { try await iterator.next() }
}

struct Failure: Error, CustomStringConvertible {
    let description: String
}

/// Waits for something that nobody signals.
func eventually(within patience: Duration = .seconds(30), _ condition: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + patience
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(20))
    }
    return try await condition()
}
