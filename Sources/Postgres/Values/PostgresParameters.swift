/// The values of a statement's `$1`, `$2`, …, in one contiguous buffer.
public struct PostgresParameters: Sendable {
    @usableFromInline
    var buffer = PostgresBuffer()
    @usableFromInline
    var types: [UInt32] = []
    /// Where each value ends in the buffer.
    @usableFromInline
    var ends: [Int] = []
    @usableFromInline
    var nulls: [Bool] = []

    /// No parameters.
    public init() {}

    /// The values in the order of their numbers.
    public init(_ values: [any PostgresEncodable]) {
        for value in values { append(value) }
    }

    /// How many; the server takes at most 65,535.
    public var count: Int { types.count }

    /// Binds the next number.
    @inlinable
    public mutating func append<Value: PostgresEncodable>(_ value: Value) {
        types.append(Value.postgresType.oid)
        let isNull = value.isPostgresNull
        nulls.append(isNull)
        if !isNull { value.encode(into: &buffer) }
        ends.append(buffer.count)
    }
}

extension PostgresParameters: CustomStringConvertible {
    /// How many there are: what they are is nobody's business.
    public var description: String { "\(count) parameters" }
}
