/// A JSON value without parts.
enum JSONScalar: Equatable {
    case string(String)
    /// As written, with whether it has neither fraction nor exponent.
    case number(String, isInteger: Bool)
    case bool(Bool)
    case null
}
