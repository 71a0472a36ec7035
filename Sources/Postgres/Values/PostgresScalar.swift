/// A value that can also be an element of an array, both ways.
///
/// Conform a type of your own by its `postgresType` (with the array's id), `encode` and `decode`; arrays of it, with or
/// without NULLs, then come for nothing.
public protocol PostgresScalar: PostgresEncodable, PostgresDecodable {
    /// The type of Swift arrays of this: the server's array type, except that an array of bytes is a `bytea`.
    static var postgresListType: PostgresType { get }

    /// Appends a Swift array of this.
    static func encodeList(_ elements: [Self], into buffer: inout PostgresBuffer)

    /// Reads a Swift array of this.
    static func decodeList(from bytes: RawSpan, type: PostgresType) throws(PostgresDecodingFailure) -> [Self]
}

extension PostgresScalar {
    /// The server's array type.
    public static var postgresListType: PostgresType { postgresType.array }

    /// One dimension, lower bound 1.
    @inlinable
    public static func encodeList(_ elements: [Self], into buffer: inout PostgresBuffer) {
        PostgresArrayFormat.encode(elements, into: &buffer)
    }

    /// One dimension, of any lower bound.
    @inlinable
    public static func decodeList(
        from bytes: RawSpan, type: PostgresType
    ) throws(PostgresDecodingFailure) -> [Self] {
        try PostgresArrayFormat.decode(from: bytes)
    }
}

extension Optional: PostgresScalar where Wrapped: PostgresScalar {}

extension Array: PostgresEncodable where Element: PostgresScalar {
    public static var postgresType: PostgresType { Element.postgresListType }

    @inlinable
    public func encode(into buffer: inout PostgresBuffer) { Element.encodeList(self, into: &buffer) }
}

extension Array: PostgresDecodable where Element: PostgresScalar {
    @inlinable
    public static func decode(from bytes: RawSpan, type: PostgresType) throws(PostgresDecodingFailure) -> Self {
        try Element.decodeList(from: bytes, type: type)
    }
}

/// Arrays of `bytea`.
extension Array: PostgresScalar where Element == UInt8 {}
