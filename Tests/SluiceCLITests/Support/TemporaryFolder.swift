import Foundation
import Glibc
import Testing

/// A folder that the server's account may enter, gone after the test. Short, for the sockets in it.
@discardableResult
func withTemporaryFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    var template = Array("\(parent)/cli.XXXXXX".utf8CString)
    let path = try #require(mkdtemp(&template).map { String(cString: $0) })
    chmod(path, 0o755)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}
