import Logging
import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting

let quiet = Logger(label: "integration") { _ in SwiftLogNoOpLogHandler() }

/// Runs replicas on a database for the time of the closure.
nonisolated(nonsending) func withReplicas<Value>(
    _ options: [ReplicaOptions], on url: String,
    _ body: nonisolated(nonsending) ([ReplicaProcess]) async throws -> Value
) async throws -> Value {
    let starts = options.map { options in Task { try await ReplicaProcess.start(url, options) } }
    var replicas: [ReplicaProcess] = []
    var failure: (any Error)?
    for start in starts {
        do { replicas.append(try await start.value) } catch { failure = error }
    }
    let result: Result<Value, any Error>
    if let failure {
        result = .failure(failure)
    } else {
        do { result = .success(try await body(replicas)) } catch { result = .failure(error) }
    }
    for replica in replicas { await replica.remove() }
    return try result.get()
}

/// Gives each of `count` callers a connection of its own, shared out over the replicas, for the time of the closure.
nonisolated(nonsending) func withClients<Value>(
    _ count: Int, of replicas: [ReplicaProcess],
    _ body: nonisolated(nonsending) ([ReplicaClient]) async throws -> Value
) async throws -> Value {
    let clients = (0..<count).map { ReplicaClient(replicas[$0 % replicas.count]) }
    let result: Result<Value, any Error>
    do { result = .success(try await body(clients)) } catch { result = .failure(error) }
    for client in clients { await client.close() }
    return try result.get()
}

/// A connection to the database for the time of the closure, as a superuser: replicas see no tables.
nonisolated(nonsending) func withOwner<Value>(
    _ url: String, _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Value
) async throws -> Value {
    try await withConnection(TestRole.superuser.url(like: url), body)
}

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

/// A row of the ledger.
struct LedgerRow: Hashable, Sendable {
    let user: UserID
    let callID: CallID
    let at: Timestamp
    let weight: Int64
    let mode: String
    let replica: String?
}

/// Every row, in the order of `admitted_at`.
func ledger(_ url: String) async throws -> [LedgerRow] {
    try await withOwner(url) { connection in
        try await connection.query(
            "SELECT user_id, call_id, admitted_at, weight, mode::text, replica FROM sluice.calls ORDER BY admitted_at"
        ).map { row in
            LedgerRow(
                user: try row.decode(at: 0), callID: try row.decode(at: 1), at: try row.decode(at: 2),
                weight: try row.decode(at: 3), mode: try row.decode(at: 4), replica: try row.decode(at: 5))
        }
    }
}

/// Asks until the condition holds, for what nobody signals: whether it did within a time that only a defect exceeds.
nonisolated(nonsending) func eventually(
    _ condition: nonisolated(nonsending) () async throws -> Bool
) async throws -> Bool {
    let limit = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < limit {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(20))
    }
    return try await condition()
}
