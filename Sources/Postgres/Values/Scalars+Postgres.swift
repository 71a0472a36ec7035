/// `boolean`.
extension Bool: PostgresScalar {
    public static var postgresType: PostgresType { .bool }

    public func encode(into buffer: inout PostgresBuffer) { buffer.append(self ? 1 as UInt8 : 0) }

    public static func decode(from bytes: RawSpan, type: PostgresType) throws(PostgresDecodingFailure) -> Bool {
        guard type == .bool else { throw .typeMismatch }
        return try bytes.wholeBigEndian(as: UInt8.self) != 0
    }
}

/// `double precision`; reads `real` too.
extension Double: PostgresScalar {
    public static var postgresType: PostgresType { .float8 }

    public func encode(into buffer: inout PostgresBuffer) { buffer.append(bitPattern) }

    public static func decode(from bytes: RawSpan, type: PostgresType) throws(PostgresDecodingFailure) -> Double {
        switch type {
        case .float8: Double(bitPattern: try bytes.wholeBigEndian())
        case .float4: Double(Float(bitPattern: try bytes.wholeBigEndian()))
        default: throw .typeMismatch
        }
    }
}

/// `text`; reads the other types whose binary form is text: `varchar`, `char`, `name`, `json`, `xml`, enums and other
/// types made by a user. A NUL within is refused by the server.
extension String: PostgresScalar {
    public static var postgresType: PostgresType { .text }

    public func encode(into buffer: inout PostgresBuffer) { buffer.append(bytes: utf8) }

    public static func decode(from bytes: RawSpan, type: PostgresType) throws(PostgresDecodingFailure) -> String {
        switch type {
        case .text, .varchar, .bpchar, .name, .char, .unknown, .json, .xml: break
        default: guard type.oid >= PostgresType.firstUserOID else { throw .typeMismatch }
        }
        return try bytes.withUnsafeBytes { buffer throws(PostgresDecodingFailure) in
            do {
                return String(copying: try UTF8Span(validating: buffer.bindMemory(to: UInt8.self).span))
            } catch {
                throw .malformed
            }
        }
    }
}
