import Foundation
import Subprocess
import SystemPackage
import Testing

/// Runs a script through the real psql, as a file.
///
/// - Returns: what it printed, errors included.
@discardableResult
func psql(_ url: String, _ script: String, isExpectedToFail: Bool = false) async throws -> String {
    try await withTemporaryFolder { folder in
        try script.write(toFile: "\(folder)/script.sql", atomically: true, encoding: .utf8)
        let result = try await Subprocess.run(
            .name("sh"), arguments: ["-c", #"psql -X -q -d "$1" -f "$2" 2>&1"#, "sh", url, "\(folder)/script.sql"],
            output: .string(limit: 1 << 20))
        let hasFailed = result.standardOutput.contains("ERROR:") || !result.terminationStatus.isSuccess
        #expect(hasFailed == isExpectedToFail, "\(result.standardOutput)")
        return result.standardOutput
    }
}
