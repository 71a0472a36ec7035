import HummingbirdSluice
import Logging
import Postgres
import SluiceCore
import SluiceLedger

extension AuditOptions {
    /// Lends the reports, all of one moment, and the range that was asked for.
    func withReports<Value: Sendable>(
        _ settings: SettingOptions,
        _ body: (LedgerReports, ReportRange, ProgramConfiguration) async throws(ReportError) -> Value
    ) async throws -> Value {
        let from = try Self.bound(from, of: "--from")
        let until = try Self.bound(to, of: "--to")
        let configuration = try settings.load().configuration
        return try await configuration.withConnection(logger: Log.logger(configuration)) { connection in
            do throws(PostgresTransactionError) {
                return try await connection.withTransaction(
                    mode: PostgresTransactionMode(isolation: .repeatableRead, isReadOnly: true)
                ) { transaction in
                    // A million rows are summed up in memory, not on disk.
                    try await transaction.execute("SET LOCAL work_mem = '64MB'")
                    let reports = LedgerReports(database: transaction)
                    let range = try await reports.range(from: from, until: until, zone: timezone)
                    return try await body(reports, range, configuration)
                }
            } catch {
                guard let reason = error.body as? ReportError else { throw Self.failure(error.postgresError, error) }
                throw CommandError(reason)
            }
        }
    }

    private static func failure(_ cause: PostgresError?, _ error: PostgresTransactionError) -> any Error {
        cause ?? error
    }
}

extension CommandError {
    init(_ error: ReportError) {
        switch error {
        case .unknownZone(let name, let known):
            self.init(
                .usage,
                "--timezone \"\(name)\" is no time zone that the database knows"
                    + (Suggestion.nearest(to: name, among: known).map { ": did you mean \($0)?" }
                        ?? ": use an IANA name, such as Europe/Berlin"))
        case .reversed(let from, let until):
            self.init(.usage, "the report ends at \(until.rfc3339), which is not after its beginning, \(from.rfc3339)")
        case .database(let error) where error.sqlState == .insufficientPrivilege:
            self.init(
                .unavailable,
                "the database's role may not read the ledger: set DATABASE_URL to one that is a member of sluice_audit")
        case .database(let error) where error.sqlState == .undefinedTable || error.sqlState == .invalidSchemaName:
            self.init(.unavailable, "the database has no reports yet: `sluice migrate up` makes them")
        case .database(let error): self.init(error)
        }
    }
}
