import Logging
import Postgres
import SluiceCore
import SluiceTesting

/// A row of the ledger.
struct LedgerRow: Hashable, Sendable {
    let user: UserID
    let callID: CallID
    let at: Timestamp
    let weight: Int64
    let isUnchecked: Bool
}

let quiet = Logger(label: "faults") { _ in SwiftLogNoOpLogHandler() }

/// A connection to the database for the time of the closure.
nonisolated(nonsending) func withConnection<Value>(
    _ url: String, _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Value
) async throws -> Value {
    let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url), logger: quiet)
    let result: Result<Value, any Error>
    do { result = .success(try await body(connection)) } catch { result = .failure(error) }
    await connection.close()
    return try result.get()
}

/// Every row, read when nobody writes any more.
func ledger(_ url: String) async throws -> [LedgerRow] {
    try await withConnection(url) { connection in
        try await connection.query("SELECT user_id, call_id, admitted_at, weight, mode = 'unchecked' FROM sluice.calls")
            .map { row in
                LedgerRow(
                    user: try row.decode(at: 0), callID: try row.decode(at: 1), at: try row.decode(at: 2),
                    weight: try row.decode(at: 3), isUnchecked: try row.decode(at: 4))
            }
    }
}

/// Asks until the condition holds, for what nobody signals: whether it did within a time that only a defect exceeds.
nonisolated(nonsending) func eventually(
    within patience: Duration = .seconds(60), _ condition: nonisolated(nonsending) () async throws -> Bool
) async throws -> Bool {
    let limit = ContinuousClock.now + patience
    while ContinuousClock.now < limit {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(20))
    }
    return try await condition()
}
