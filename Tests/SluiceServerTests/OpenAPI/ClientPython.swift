import Foundation
import Testing

/// The interpreter that has the packages of `Tests/Clients/requirements.txt`.
enum ClientPython {
    /// Runs a program on a text, which it finds in the file of its first argument.
    ///
    /// - Returns: what it complained of; `nil` when it was content.
    static func complaint(about text: String, by program: String) async throws -> String? {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (input, output) = (folder.appending(path: "input"), folder.appending(path: "output"))
        try Data(text.utf8).write(to: input)
        try Data().write(to: output)
        let process = Process()
        process.executableURL = try interpreter()
        process.arguments = ["-c", program, input.path]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: output)
        try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in ended.resume() }
            do { try process.run() } catch { ended.resume(throwing: error) }
        }
        return process.terminationStatus == 0 ? nil : try String(contentsOf: output, encoding: .utf8)
    }

    private static func interpreter() throws -> URL {
        let root = URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path =
            ProcessInfo.processInfo.environment["SLUICE_TEST_PYTHON"]
            ?? root.appending(path: ".build-clients/bin/python").path
        try #require(
            FileManager.default.isExecutableFile(atPath: path),
            "there is no Python with the packages of Tests/Clients/requirements.txt: run bin/test, which makes one")
        return URL(filePath: path)
    }
}
