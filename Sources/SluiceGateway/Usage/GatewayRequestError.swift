/// A request that cannot go on, because of what the client sent.
package struct GatewayRequestError: Error, Equatable, Sendable {
    /// The member of the body that is wrong, or `body`.
    package let field: String
    /// What is wrong with it and what to send instead; reads on after the field's name.
    package let reason: String

    package init(field: String, reason: String) {
        self.field = field
        self.reason = reason
    }
}

extension GatewayRequestError: CustomStringConvertible {
    package var description: String { "\(field) \(reason)" }
}
