import Glibc

/// Why a table was not written to a file. It is still in the database then.
public struct ExportError: Error, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }

    /// What the system just said about a file.
    static func system(_ path: String, _ doing: String) -> ExportError {
        ExportError("\(path) cannot be \(doing): \(String(cString: strerror(errno)))")
    }
}
