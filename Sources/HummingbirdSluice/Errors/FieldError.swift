/// What is wrong with one field of a request, said so that the caller can put it right.
public struct FieldError: Error, Hashable, Sendable {
    /// As the request spells it; `body` for the request as a whole.
    public let field: String
    /// Names the value where that helps, and what is allowed.
    public let reason: String

    public init(field: String, reason: String) {
        self.field = field
        self.reason = reason
    }
}
