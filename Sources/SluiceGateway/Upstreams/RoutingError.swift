/// Upstreams or routes that the service does not start with; the description says what to change.
package struct RoutingError: Error, Hashable, Sendable {
    /// `upstream NAME` or `route MODEL`.
    package let subject: String
    /// The key in the configuration that is wrong.
    package let field: String
    /// Reads on after the key: what is wrong with its value, and the remedy. Never holds a secret.
    package let reason: String

    init(_ subject: String, _ field: String, _ reason: String) {
        self.subject = subject
        self.field = field
        self.reason = reason
    }
}

extension RoutingError: CustomStringConvertible {
    package var description: String { "\(subject): \(field) \(reason)" }
}
