/// A type that can be read from a column, in binary form.
public protocol PostgresDecodable {
    /// Reads a value that is not NULL.
    ///
    /// - Parameters:
    ///   - bytes: all of the value, as the server sent it; nothing about its length may be assumed.
    ///   - type: the column's type; refuse the ones that are not understood.
    static func decode(from bytes: RawSpan, type: PostgresType) throws(PostgresDecodingFailure) -> Self

    /// What NULL is; throws unless the type is an optional.
    static func decodeNull() throws(PostgresDecodingFailure) -> Self
}

extension PostgresDecodable {
    /// NULL where a value is needed.
    public static func decodeNull() throws(PostgresDecodingFailure) -> Self {
        throw .unexpectedNull
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    @inlinable
    public static func decode(from bytes: RawSpan, type: PostgresType) throws(PostgresDecodingFailure) -> Self {
        .some(try Wrapped.decode(from: bytes, type: type))
    }

    public static func decodeNull() throws(PostgresDecodingFailure) -> Self { .none }
}

/// Why bytes are not a value; ``PostgresRow`` adds the column.
public enum PostgresDecodingFailure: Error, Hashable, Sendable {
    /// The server's type is not one that this Swift type reads.
    case typeMismatch
    /// NULL for a type that is not optional.
    case unexpectedNull
    /// Too short, too long, or not what the type's form is.
    case malformed
    /// A value that the Swift type cannot hold.
    case outOfRange
}

extension RawSpan {
    /// The big-endian integer at `offset`; throws `.malformed` where the bytes end sooner.
    @inlinable
    public func bigEndian<Value: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int = 0, as type: Value.Type = Value.self
    ) throws(PostgresDecodingFailure) -> Value {
        guard offset >= 0, byteCount - offset >= MemoryLayout<Value>.size else { throw .malformed }
        return Value(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: type))
    }

    /// The big-endian integer that is all of these bytes.
    @inlinable
    public func wholeBigEndian<Value: FixedWidthInteger & BitwiseCopyable>(
        as type: Value.Type = Value.self
    ) throws(PostgresDecodingFailure) -> Value {
        guard byteCount == MemoryLayout<Value>.size else { throw .malformed }
        return try bigEndian(as: type)
    }
}
