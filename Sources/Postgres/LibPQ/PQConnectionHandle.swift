import CLibPQ
import Glibc

/// Owns one `PGconn` and is the only place where it is touched.
///
/// Unchecked: libpq wants one thread at a time, not always the same. A handle is made on the helper thread that connects,
/// handed over once, and from then on used on the executor of the actor that owns it alone.
final class PQConnectionHandle: @unchecked Sendable {
    /// What a connection attempt waits for.
    enum ConnectStep {
        case reading, writing, connected, failed
    }

    enum FlushOutcome {
        case done, pending, failed
    }

    enum TransactionStatus {
        case idle, active, inTransaction, failedTransaction, unknown
    }

    enum CopyStep {
        /// One row was appended.
        case row
        /// None has arrived in full.
        case none
        /// There are no more; the result follows.
        case end
    }

    private let connection: OpaquePointer
    /// Hears every notice, and the fatal errors that a server sends to an idle session.
    var onNotice: (PostgresServerMessage) -> Void = { _ in }

    /// Begins to connect, without waiting. `nil` when there is no memory.
    init?(parameters: [(keyword: String, value: String)]) {
        let keywords = parameters.map { strdup($0.keyword) }
        let values = parameters.map { strdup($0.value) }
        defer { (keywords + values).forEach { free($0) } }
        let started = PQconnectStartParams(
            keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 0)
        guard let started else { return nil }
        connection = started
        // The only way to learn the SQLSTATE of a refused connection is the verbose text.
        PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
        PQsetNoticeReceiver(connection, receiveNotice, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        PQfinish(connection)
    }

    // MARK: Connecting

    var isBroken: Bool { PQstatus(connection) == CONNECTION_BAD }

    func connectPoll() -> ConnectStep {
        switch PQconnectPoll(connection) {
        case PGRES_POLLING_READING: .reading
        case PGRES_POLLING_WRITING: .writing
        case PGRES_POLLING_OK: .connected
        default: .failed
        }
    }

    /// The host that is being tried, as it stands in the connection string, with its port and address.
    var attempt: (host: String, port: String, address: String) {
        func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }
        return (text(PQhost(connection)), text(PQport(connection)), text(PQhostaddr(connection)))
    }

    /// From here on no call waits.
    func finishConnecting() -> Bool {
        PQsetErrorVerbosity(connection, PQERRORS_DEFAULT)
        return PQsetnonblocking(connection, 1) == 0
    }

    // MARK: Facts

    var socket: Int32 { PQsocket(connection) }

    var backendPID: Int32 { PQbackendPID(connection) }

    /// Such as 150018.
    var serverVersion: Int { Int(PQserverVersion(connection)) }

    var isEncrypted: Bool { PQsslInUse(connection) == 1 }

    var errorMessage: String { PQerrorMessage(connection).map { String(cString: $0) } ?? "" }

    var transactionStatus: TransactionStatus {
        switch PQtransactionStatus(connection) {
        case PQTRANS_IDLE: .idle
        case PQTRANS_ACTIVE: .active
        case PQTRANS_INTRANS: .inTransaction
        case PQTRANS_INERROR: .failedTransaction
        default: .unknown
        }
    }

    // MARK: Statements

    /// Hands a statement to libpq, values and results in binary form; `flush` sends it.
    func send(_ sql: String, _ parameters: PostgresParameters) -> Bool {
        withValues(of: parameters) { values, lengths, formats in
            PQsendQueryParams(
                connection, sql, Int32(parameters.count), parameters.types, values, lengths, formats, 1) == 1
        }
    }

    /// Has the server parse a statement and keep it under a name; `flush` sends it.
    func sendPrepare(_ name: String, _ sql: String, types: [UInt32]) -> Bool {
        PQsendPrepare(connection, name, sql, Int32(types.count), types) == 1
    }

    /// As ``send(_:_:)``, a statement that the server keeps under a name.
    func sendPrepared(_ name: String, _ parameters: PostgresParameters) -> Bool {
        withValues(of: parameters) { values, lengths, formats in
            PQsendQueryPrepared(connection, name, Int32(parameters.count), values, lengths, formats, 1) == 1
        }
    }

    private func withValues(
        of parameters: PostgresParameters, _ send: ([UnsafePointer<CChar>?], [Int32], [Int32]) -> Bool
    ) -> Bool {
        let count = parameters.count
        return parameters.buffer.bytes.withUnsafeBytes { bytes in
            withUnsafePointer(to: CChar(0)) { nothing in
                // An empty value needs an address all the same: without one it would be NULL.
                let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) ?? nothing
                var values: [UnsafePointer<CChar>?] = []
                var lengths: [Int32] = []
                values.reserveCapacity(count)
                lengths.reserveCapacity(count)
                var start = 0
                for index in 0..<count {
                    values.append(parameters.nulls[index] ? nil : base + start)
                    lengths.append(Int32(truncatingIfNeeded: parameters.ends[index] - start))
                    start = parameters.ends[index]
                }
                return send(values, lengths, [Int32](repeating: 1, count: count))
            }
        }
    }

    /// Hands over any number of statements in the simple protocol; results come as text.
    func sendScript(_ sql: String) -> Bool { PQsendQuery(connection, sql) == 1 }

    func flush() -> FlushOutcome {
        switch PQflush(connection) {
        case 0: .done
        case 1: .pending
        default: .failed
        }
    }

    /// Reads what has arrived; false when the connection is gone.
    func consumeInput() -> Bool { PQconsumeInput(connection) == 1 }

    /// Whether the next result has not arrived in full. Also takes in what an idle connection was told.
    var isBusy: Bool { PQisBusy(connection) == 1 }

    /// The next result of the statement under way; `nil` when there are no more and the server is ready for another.
    func nextResult() -> PQResultHandle? { PQgetResult(connection).map(PQResultHandle.init(taking:)) }

    // MARK: COPY

    /// Takes a row out of what was read.
    func nextRow(appendingTo bytes: inout [UInt8]) -> CopyStep {
        var row: UnsafeMutablePointer<CChar>?
        let count = PQgetCopyData(connection, &row, 1)
        guard count >= 0 else { return .end }
        guard count > 0, let row else { return .none }
        bytes.append(contentsOf: UnsafeRawBufferPointer(start: row, count: Int(count)))
        PQfreemem(row)
        return .row
    }

    /// Hands data to libpq, which keeps it until `flush` has sent it. False when the connection is gone.
    func putCopyData(_ bytes: [UInt8]) -> Bool {
        // The server takes no message above a gigabyte.
        let limit = 1 << 20
        return bytes.withUnsafeBytes { bytes in
            let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            return stride(from: 0, to: bytes.count, by: limit).allSatisfy { start in
                PQputCopyData(connection, base.map { $0 + start }, Int32(min(limit, bytes.count - start))) == 1
            }
        }
    }

    /// Ends the data; `flush` sends it.
    ///
    /// - Parameter error: has the server forget what it was sent, and fail with this text.
    func endCopyData(error: String?) -> Bool { PQputCopyEnd(connection, error) == 1 }

    // MARK: Stopping

    /// What is needed to ask the server to stop the statement under way.
    func makeCancel() -> PQCancelHandle? { PQgetCancel(connection).map(PQCancelHandle.init(taking:)) }
}

/// Owns one `PGcancel`.
///
/// Unchecked: it never changes after it was made, and libpq lets any thread use it.
final class PQCancelHandle: @unchecked Sendable {
    private let cancel: OpaquePointer

    init(taking cancel: OpaquePointer) {
        self.cancel = cancel
    }

    deinit {
        PQfreeCancel(cancel)
    }

    /// Blocks until the server has the request, or cannot be reached. True when it was delivered.
    func deliver() -> Bool {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
            PQcancel(cancel, text.baseAddress, 256) == 1
        }
    }
}

private func receiveNotice(_ context: UnsafeMutableRawPointer?, _ result: OpaquePointer?) {
    guard let context, let result else { return }
    // libpq keeps the notice and frees it itself, so it must not be owned here.
    let handle = Unmanaged<PQConnectionHandle>.fromOpaque(context).takeUnretainedValue()
    if let message = PQResultHandle.serverMessage(borrowing: result) { handle.onNotice(message) }
}
