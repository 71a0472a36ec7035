/// A value that can be bound to a parameter, in binary form.
public protocol PostgresEncodable: Sendable {
    /// The parameter's type as told to the server.
    static var postgresType: PostgresType { get }

    /// Whether this is NULL; `encode` is not called then.
    var isPostgresNull: Bool { get }

    /// Appends the value's bytes, without a length.
    func encode(into buffer: inout PostgresBuffer)
}

extension PostgresEncodable {
    /// Not NULL.
    @inlinable
    public var isPostgresNull: Bool { false }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    public static var postgresType: PostgresType { Wrapped.postgresType }

    @inlinable
    public var isPostgresNull: Bool { self?.isPostgresNull ?? true }

    @inlinable
    public func encode(into buffer: inout PostgresBuffer) {
        if let self { self.encode(into: &buffer) }
    }
}
