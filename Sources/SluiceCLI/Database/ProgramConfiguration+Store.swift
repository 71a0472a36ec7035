import Logging
import Postgres
import SluiceCore
import SluicePostgres

extension ProgramConfiguration {
    /// Lends a store on one connection, for commands that decide without a replica.
    func withStore<Value: Sendable>(_ body: (PostgresStore) async throws -> Value) async throws -> Value {
        do {
            return try await withConnection(logger: Log.logger(self)) { connection in
                try await body(PostgresStore(database: connection, replica: "cli"))
            }
        } catch let error as StoreError {
            throw CommandError(error, doing: "decide")
        }
    }
}

extension CommandError {
    init(_ error: StoreError, doing what: String) {
        let remedy = error.kind == .schema ? "; `sluice doctor` tells more, `sluice migrate up` makes the schema" : ""
        self.init(.unavailable, "the database cannot \(what): \(error)\(remedy)")
    }
}
