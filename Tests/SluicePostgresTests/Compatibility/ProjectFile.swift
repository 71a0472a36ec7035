import Foundation

/// A file that is kept with the sources, and that tests compare with what is.
struct ProjectFile {
    /// Set by `bin/schema`: files are renewed rather than compared.
    static let areRenewed = ProcessInfo.processInfo.environment["SLUICE_RENEW_SCHEMA"] == "1"

    private let url: URL

    /// - Parameter path: from the project's folder.
    init(_ path: String) {
        url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../\(path)")
    }

    /// Empty for a file that is not there yet.
    var text: String {
        get throws {
            guard FileManager.default.fileExists(atPath: url.path) else { return "" }
            return try String(contentsOf: url, encoding: .utf8)
        }
    }

    func write(_ text: String) throws {
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    /// The names of the files in a folder that end like this, in order.
    func names(endingWith suffix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url.path).filter { $0.hasSuffix(suffix) }.sorted()
    }
}
