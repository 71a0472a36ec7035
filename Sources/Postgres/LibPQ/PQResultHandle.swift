import CLibPQ
import Glibc

/// Owns one `PGresult`.
///
/// Unchecked: libpq lets any number of threads read a result at once, and nothing here changes it after it was received.
final class PQResultHandle: @unchecked Sendable {
    enum Status {
        case rows, command, empty, copy, failed
    }

    private let result: OpaquePointer
    let rowCount: Int
    let columnCount: Int

    init(taking result: OpaquePointer) {
        self.result = result
        rowCount = Int(PQntuples(result))
        columnCount = Int(PQnfields(result))
    }

    deinit {
        PQclear(result)
    }

    var status: Status {
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE: .rows
        case PGRES_COMMAND_OK: .command
        case PGRES_EMPTY_QUERY: .empty
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: .copy
        default: .failed
        }
    }

    /// `nil` for replication, which goes both ways, and for results of anything else.
    var copyDirection: CopyDirection? {
        switch PQresultStatus(result) {
        case PGRES_COPY_IN: .toServer
        case PGRES_COPY_OUT: .fromServer
        default: nil
        }
    }

    /// Such as `INSERT 0 3`.
    var commandTag: String { PQcmdStatus(result).map { String(cString: $0) } ?? "" }

    var affectedRows: Int? { PQcmdTuples(result).flatMap { Int(String(cString: $0)) } }

    func name(ofColumn column: Int) -> String { PQfname(result, Int32(column)).map { String(cString: $0) } ?? "" }

    /// The first column of exactly that name.
    func column(named name: String) -> Int? {
        (0..<columnCount).first { index in
            PQfname(result, Int32(index)).map { candidate in name.withCString { strcmp($0, candidate) == 0 } } ?? false
        }
    }

    func type(ofColumn column: Int) -> PostgresType { PostgresType(oid: PQftype(result, Int32(column))) }

    func isBinary(column: Int) -> Bool { PQfformat(result, Int32(column)) == 1 }

    func isNull(row: Int, column: Int) -> Bool { PQgetisnull(result, Int32(row), Int32(column)) == 1 }

    func withValue<Value>(
        row: Int, column: Int, _ body: (RawSpan) throws(PostgresDecodingFailure) -> Value
    ) throws(PostgresDecodingFailure) -> Value {
        let start = UnsafeRawPointer(PQgetvalue(result, Int32(row), Int32(column)))
        let count = Int(PQgetlength(result, Int32(row), Int32(column)))
        let buffer = UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count)
        return try body(buffer.bytes)
    }

    /// The fields of an error or a notice; `nil` when libpq made it up without a server (no SQLSTATE then).
    var serverMessage: PostgresServerMessage? { Self.serverMessage(borrowing: result) }

    /// The same of a result that libpq goes on to own.
    static func serverMessage(borrowing result: OpaquePointer) -> PostgresServerMessage? {
        // The letters are the protocol's; libpq's names for them are macros that do not reach Swift.
        func field(_ code: Unicode.Scalar) -> String? {
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
        }
        guard let state = field("C") else { return nil }
        var message = PostgresServerMessage(
            severity: field("V") ?? field("S") ?? "ERROR", state: SQLState(state), message: field("M") ?? "")
        message.detail = field("D")
        message.hint = field("H")
        message.context = field("W")
        message.schema = field("s")
        message.table = field("t")
        message.column = field("c")
        message.constraint = field("n")
        message.position = field("P").flatMap(Int.init)
        return message
    }

    /// libpq's own text of an error.
    var errorMessage: String { PQresultErrorMessage(result).map { String(cString: $0) } ?? "" }
}
