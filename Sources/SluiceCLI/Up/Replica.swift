import Subprocess

/// One `sluice serve` that `sluice up` starts.
struct Replica: Sendable {
    let port: Int
    let process: SupervisedProcess

    /// The line by which a supervised `serve` says that it decides calls.
    static let readyLine = "ready"

    /// - Parameter onReady: called when this run of the replica decides calls.
    /// - Returns: how it ended, in words.
    func run(until stop: OneShot, onReady: @escaping @Sendable () -> Void) async throws -> String {
        try await process.run(until: stop) { line in
            if line.hasPrefix(Self.readyLine) { onReady() }
        }
    }
}
