/// `smallint`.
extension Int16: PostgresScalar {
    public static var postgresType: PostgresType { .int2 }

    public func encode(into buffer: inout PostgresBuffer) { buffer.append(self) }

    public static func decode(from bytes: RawSpan, type: PostgresType) throws(PostgresDecodingFailure) -> Int16 {
        guard type == .int2 else { throw .typeMismatch }
        return try bytes.wholeBigEndian()
    }
}

/// `integer`; reads `smallint` too.
extension Int32: PostgresScalar {
    public static var postgresType: PostgresType { .int4 }

    public func encode(into buffer: inout PostgresBuffer) { buffer.append(self) }

    public static func decode(from bytes: RawSpan, type: PostgresType) throws(PostgresDecodingFailure) -> Int32 {
        switch type {
        case .int4: try bytes.wholeBigEndian()
        case .int2: Int32(try bytes.wholeBigEndian(as: Int16.self))
        default: throw .typeMismatch
        }
    }
}

/// `bigint`; reads `integer`, `smallint` and `oid` too.
extension Int64: PostgresScalar {
    public static var postgresType: PostgresType { .int8 }

    public func encode(into buffer: inout PostgresBuffer) { buffer.append(self) }

    public static func decode(from bytes: RawSpan, type: PostgresType) throws(PostgresDecodingFailure) -> Int64 {
        switch type {
        case .int8: try bytes.wholeBigEndian()
        case .int4: Int64(try bytes.wholeBigEndian(as: Int32.self))
        case .int2: Int64(try bytes.wholeBigEndian(as: Int16.self))
        case .oid: Int64(try bytes.wholeBigEndian(as: UInt32.self))
        default: throw .typeMismatch
        }
    }
}

/// `bigint`; reads what `Int64` reads.
extension Int: PostgresScalar {
    public static var postgresType: PostgresType { .int8 }

    public func encode(into buffer: inout PostgresBuffer) { buffer.append(Int64(self)) }

    public static func decode(from bytes: RawSpan, type: PostgresType) throws(PostgresDecodingFailure) -> Int {
        guard let value = Int(exactly: try Int64.decode(from: bytes, type: type)) else { throw .outOfRange }
        return value
    }
}
