import Postgres
import SluiceCore

/// Decides calls of one user or of many in one transaction.
struct AdmitBatch: PostgresStatement {
    typealias Row = DecisionGroup

    let calls: [Call]
    let policy: Policy
    let replica: String?
    /// Whether to wait for the lock of a user whose calls these all are; nobody waits for the lock of one of several.
    let waits: Bool

    static let sql = """
        SELECT d.positions, d.outcome, d.decided_at, d.retry_at, d.used, d.reset_at
        FROM sluice.admit_batch($1, $2, $3, $4, $5, $6, $7::text[]::sluice.call_origin[], $8, $9, $10, $11, $12) AS d
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(calls.map(\.user))
        parameters.append(calls.map(\.id))
        parameters.append(calls.contains(where: \.isIDSupplied) ? calls.map(\.isIDSupplied) : nil)
        parameters.append(calls.map(\.weight))
        parameters.append(calls.contains { $0.route != nil } ? calls.map(\.route) : nil)
        parameters.append(calls.contains { $0.model != nil } ? calls.map(\.model) : nil)
        parameters.append(calls.contains { $0.origin != nil } ? calls.map { $0.origin?.rowLiteral } : nil)
        parameters.append(policy: policy)
        parameters.append(replica)
        parameters.append(waits)
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> DecisionGroup { try DecisionGroup(row) }
}
