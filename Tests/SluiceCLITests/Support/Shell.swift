import Subprocess
import SystemPackage

/// What a script prints.
func shell(_ script: String) async throws -> String {
    try await Subprocess.run(
        .path("/bin/sh"), arguments: ["-c", script], output: .string(limit: 1 << 20), error: .discarded
    ).standardOutput
}
