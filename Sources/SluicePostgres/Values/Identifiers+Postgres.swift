public import Postgres
public import SluiceCore

/// `uuid`: sixteen bytes, most significant first.
extension UUIDBits: PostgresScalar {
    public static var postgresType: PostgresType { .uuid }

    public func encode(into buffer: inout PostgresBuffer) {
        buffer.append(high)
        buffer.append(low)
    }

    public static func decode(from bytes: RawSpan, type: PostgresType) throws(PostgresDecodingFailure) -> UUIDBits {
        guard type == .uuid else { throw .typeMismatch }
        guard bytes.byteCount == 16 else { throw .malformed }
        return UUIDBits(high: try bytes.bigEndian(at: 0), low: try bytes.bigEndian(at: 8))
    }
}

/// `uuid`.
extension UserID: PostgresScalar {
    public static var postgresType: PostgresType { .uuid }

    public func encode(into buffer: inout PostgresBuffer) { bits.encode(into: &buffer) }

    public static func decode(from bytes: RawSpan, type: PostgresType) throws(PostgresDecodingFailure) -> UserID {
        UserID(bits: try UUIDBits.decode(from: bytes, type: type))
    }
}

/// `uuid`.
extension CallID: PostgresScalar {
    public static var postgresType: PostgresType { .uuid }

    public func encode(into buffer: inout PostgresBuffer) { bits.encode(into: &buffer) }

    public static func decode(from bytes: RawSpan, type: PostgresType) throws(PostgresDecodingFailure) -> CallID {
        CallID(bits: try UUIDBits.decode(from: bytes, type: type))
    }
}

/// `uuid`.
extension KeyID: PostgresScalar {
    public static var postgresType: PostgresType { .uuid }

    public func encode(into buffer: inout PostgresBuffer) { bits.encode(into: &buffer) }

    public static func decode(from bytes: RawSpan, type: PostgresType) throws(PostgresDecodingFailure) -> KeyID {
        KeyID(bits: try UUIDBits.decode(from: bytes, type: type))
    }
}
