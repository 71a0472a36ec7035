/// A member of an object, by its place in the text.
struct JSONMember: Equatable {
    /// Without its escapes.
    let name: String
    /// The bytes of its value, without space around it.
    let value: Range<Int>
}

/// A value that has no parts.
enum JSONScalar: Equatable {
    case string(String)
    case integer(Int64)
    case bool(Bool)
    case null
    /// An object, a list, a number that is not whole or beyond 64 bits, or a string that is no text.
    case other
}
