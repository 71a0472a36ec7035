import Foundation
import Subprocess

/// Runs the programs of `Tests/Clients` with the interpreter that has the packages they need.
enum Python {
    /// What a program said or did that it should not.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameter onLine: gets each line of JSON as soon as it is printed.
    /// - Returns: all of them.
    /// - Throws: ``Failure`` with what the program printed, when it fails.
    @discardableResult
    static func run(
        _ program: String, _ arguments: [String], onLine: @escaping @Sendable (JSON) async throws -> Void = { _ in }
    ) async throws -> [JSON] {
        // Standard error among the lines, for the message about a failure; the program waits for nobody's input.
        let command = ["-c", #"exec "$@" 2>&1 </dev/null"#, "sh", try interpreter(), path(program)] + arguments
        let result = try await Subprocess.run(
            .name("sh"), arguments: Arguments(command), input: .none, output: .sequence, error: .discarded
        ) { execution in
            var lines: [JSON] = []
            var others = ""
            for try await line in execution.standardOutput.strings() {
                guard let json = try? JSONDecoder().decode(JSON.self, from: Data(line.utf8)) else {
                    others += line + "\n"
                    continue
                }
                lines.append(json)
                try await onLine(json)
            }
            return (lines, others)
        }
        let (lines, others) = result.closureResult
        guard result.terminationStatus.isSuccess else {
            throw Failure(description: "\(program) failed: \(result.terminationStatus)\n\(others)")
        }
        return lines
    }

    /// Of `SLUICE_TEST_PYTHON`, which `bin/test` sets, or the one that it made before.
    static func interpreter() throws(Failure) -> String {
        let path =
            ProcessInfo.processInfo.environment["SLUICE_TEST_PYTHON"]
            ?? root.appending(path: ".build-clients/bin/python").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Failure(
                description: "\(path) is no program: run bin/test, which installs Tests/Clients/requirements.txt")
        }
        return path
    }

    private static func path(_ program: String) -> String { root.appending(path: "Tests/Clients/\(program)").path }

    private static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
}
