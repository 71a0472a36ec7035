/// One byte is a `smallint`; an array of bytes is a `bytea`.
extension UInt8: PostgresScalar {
    public static var postgresType: PostgresType { .int2 }

    public static var postgresListType: PostgresType { .bytea }

    public func encode(into buffer: inout PostgresBuffer) { buffer.append(Int16(self)) }

    public static func decode(from bytes: RawSpan, type: PostgresType) throws(PostgresDecodingFailure) -> UInt8 {
        guard let value = UInt8(exactly: try Int16.decode(from: bytes, type: type)) else { throw .outOfRange }
        return value
    }

    public static func encodeList(_ elements: [UInt8], into buffer: inout PostgresBuffer) {
        buffer.append(bytes: elements)
    }

    public static func decodeList(
        from bytes: RawSpan, type: PostgresType
    ) throws(PostgresDecodingFailure) -> [UInt8] {
        guard type == .bytea else { throw .typeMismatch }
        return bytes.withUnsafeBytes { Array($0) }
    }
}
