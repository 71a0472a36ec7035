/// One row of an answer. Keeps all of its result in memory.
public struct PostgresRow: Sendable {
    let handle: PQResultHandle
    let index: Int

    /// How many columns there are.
    public var count: Int { handle.columnCount }

    /// Reads a column by its number, from 0.
    ///
    /// - Throws: `.decoding`, naming the column, what was asked for and what the server sent.
    public func decode<Value: PostgresDecodable>(
        _ type: Value.Type = Value.self, at column: Int, file: StaticString = #fileID, line: UInt = #line
    ) throws(PostgresError) -> Value {
        guard column >= 0, column < handle.columnCount else {
            throw failure("column \(column) of \(handle.columnCount) was asked for", file, line)
        }
        do throws(PostgresDecodingFailure) {
            if handle.isNull(row: index, column: column) { return try Value.decodeNull() }
            guard handle.isBinary(column: column) else { throw PostgresDecodingFailure.typeMismatch }
            let found = handle.type(ofColumn: column)
            return try handle.withValue(row: index, column: column) { bytes throws(PostgresDecodingFailure) in
                try Value.decode(from: bytes, type: found)
            }
        } catch {
            throw failure(explain(error, Value.self, column), file, line)
        }
    }

    /// Reads a column by its name.
    ///
    /// - Throws: `.decoding`, also when there is no column of that name.
    public func decode<Value: PostgresDecodable>(
        _ type: Value.Type = Value.self, named name: String, file: StaticString = #fileID, line: UInt = #line
    ) throws(PostgresError) -> Value {
        guard let column = handle.column(named: name) else {
            throw failure("there is no column '\(name)'", file, line)
        }
        return try decode(type, at: column, file: file, line: line)
    }

    private func explain<Value>(_ reason: PostgresDecodingFailure, _ type: Value.Type, _ column: Int) -> String {
        let name = handle.name(ofColumn: column)
        let found = handle.isBinary(column: column) ? "\(handle.type(ofColumn: column))" : "text of a script's result"
        let start = "column \(column) '\(name)' is \(found)"
        return switch reason {
        case .typeMismatch: "\(start), which \(type) does not read"
        case .unexpectedNull: "\(start) and NULL, \(type) was asked for"
        case .malformed: "\(start), but its bytes are not a \(type)"
        case .outOfRange: "\(start) with a value that \(type) cannot hold"
        }
    }

    private func failure(_ message: String, _ file: StaticString, _ line: UInt) -> PostgresError {
        PostgresError(.decoding, message).at(.init(file, line))
    }
}
