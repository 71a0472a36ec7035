/// Why the program does not start: every wrong value at once, each with its key, its value and the reason.
struct ConfigurationError: Error, Equatable {
    let problems: [ConfigurationProblem]
}

extension ConfigurationError: CustomStringConvertible {
    var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// One thing that is wrong with the configuration.
struct ConfigurationProblem: Equatable, Sendable {
    /// The setting as it is written where it comes from, or the file.
    let key: String
    /// What was written, masked for secrets; `nil` when there is no value to show.
    let value: String?
    let source: String
    /// What is wrong and what to do about it.
    let reason: String
}

extension ConfigurationProblem: CustomStringConvertible {
    var description: String {
        let shown = value.map { "\(key) = \"\($0)\"" } ?? key
        return "\(shown) (\(source)): \(reason)"
    }
}
