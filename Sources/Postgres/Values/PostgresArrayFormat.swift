/// The binary form of an array: dimensions, whether there are NULLs, the elements' type, then each element by its length.
@usableFromInline
enum PostgresArrayFormat {
    @inlinable
    static func encode<Element: PostgresScalar>(_ elements: [Element], into buffer: inout PostgresBuffer) {
        let hasNulls = elements.contains { $0.isPostgresNull }
        buffer.reserve(20 + elements.count * (4 + MemoryLayout<Element>.size))
        buffer.append(Int32(elements.isEmpty ? 0 : 1))
        buffer.append(Int32(hasNulls ? 1 : 0))
        buffer.append(Element.postgresType.oid)
        guard !elements.isEmpty else { return }
        buffer.append(Int32(truncatingIfNeeded: elements.count))
        buffer.append(Int32(1))
        for element in elements {
            if element.isPostgresNull {
                buffer.append(Int32(-1))
            } else {
                buffer.appendLengthPrefixed { element.encode(into: &$0) }
            }
        }
    }

    @inlinable
    static func decode<Element: PostgresScalar>(
        from bytes: RawSpan
    ) throws(PostgresDecodingFailure) -> [Element] {
        let dimensions: Int32 = try bytes.bigEndian(at: 0)
        let type = PostgresType(oid: try bytes.bigEndian(at: 8))
        if dimensions == 0 {
            guard bytes.byteCount == 12 else { throw .malformed }
            return []
        }
        guard dimensions == 1 else { throw .typeMismatch }
        let count = Int(try bytes.bigEndian(at: 12, as: Int32.self))
        // Each element takes four bytes at least: a count beyond that is a lie that must not become an allocation.
        guard count >= 0, count <= (bytes.byteCount - 20) / 4 else { throw .malformed }
        var elements: [Element] = []
        elements.reserveCapacity(count)
        var offset = 20
        for _ in 0..<count {
            elements.append(try element(in: bytes, at: &offset, type: type))
        }
        guard offset == bytes.byteCount else { throw .malformed }
        return elements
    }

    @inlinable
    static func element<Element: PostgresScalar>(
        in bytes: RawSpan, at offset: inout Int, type: PostgresType
    ) throws(PostgresDecodingFailure) -> Element {
        let length = Int(try bytes.bigEndian(at: offset, as: Int32.self))
        offset += 4
        guard length >= 0 else { return try Element.decodeNull() }
        guard length <= bytes.byteCount - offset else { throw .malformed }
        defer { offset += length }
        return try Element.decode(from: bytes.extracting(offset..<offset + length), type: type)
    }
}
