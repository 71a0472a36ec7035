import Postgres
import SluicePostgres

extension ProgramConfiguration {
    /// Lends the partitions on one connection, and that connection, for commands.
    func withPartitions<Value: Sendable>(
        _ body: (PartitionStore, PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await withConnection(logger: Log.logger(self)) { connection in
            do {
                return try await body(PartitionStore(database: connection), connection)
            } catch let error as PostgresError where error.sqlState?.classCode == "42" {
                throw CommandError(error, remedy: "`sluice migrate status` and `sluice doctor` tell more")
            } catch let error as ExportError {
                throw CommandError(.unavailable, "\(error)")
            }
        }
    }
}

extension CommandError {
    fileprivate init(_ error: PostgresError, remedy: String) {
        let plain = CommandError(error)
        self.init(plain.status, "\(plain.description); \(remedy)")
    }
}
