import Logging
import Postgres
import SluiceCore
import SluiceTesting

extension World {
    /// One row of the ledger: a call and what it took, by the names of the columns. A call that was settled twice is there
    /// twice; `basis` is null for one that was not.
    func ledger() async throws -> [JSON] {
        try await rows(
            """
            SELECT c.user_id, c.call_id, c.key_id, c.logical_id, c.attempt, c.mode, c.route, c.model AS asked, c.replica,
                c.reserved_input, c.reserved_output, s.model, s.input_tokens, s.cached_tokens, s.cache_write_tokens,
                s.output_tokens, s.reasoning_tokens, s.cost_nanousd, s.basis, s.status
            FROM sluice.calls AS c LEFT JOIN sluice.settlements AS s USING (user_id, call_id)
            ORDER BY c.admitted_at, c.call_id
            """)
    }

    /// The same, once every call is settled and there are as many as said.
    func settledLedger(_ count: Int) async throws -> [JSON] {
        var ledger: [JSON] = []
        let isSettled = try await eventually {
            ledger = try await self.ledger()
            return ledger.count >= count && !ledger.contains { $0["basis"].isNull }
        }
        guard isSettled, ledger.count == count else {
            throw Python.Failure(
                description: "\(count) settled calls were waited for:\n\(ledger.map(\.text).joined(separator: "\n"))")
        }
        return ledger
    }

    /// What a statement returns to a superuser.
    func rows(_ sql: String) async throws -> [JSON] {
        let quiet = Logger(label: "clients") { _ in SwiftLogNoOpLogHandler() }
        let owner = try PostgresConfiguration(url: TestRole.superuser.url(like: database))
        let connection = try await PostgresConnection.connect(owner, logger: quiet)
        let result: Result<[JSON], any Error>
        do {
            let rows = try await connection.query("SELECT to_jsonb(r)::text FROM (\(sql)) AS r", [])
            result = .success(try rows.map { try JSON($0.decode(String.self, at: 0)) })
        } catch {
            result = .failure(error)
        }
        await connection.close()
        return try result.get()
    }
}

/// What a call took, as the ledger or an upstream tells it.
struct Taken: Hashable, Sendable, CustomStringConvertible {
    var input = 0
    var cached = 0
    var cacheWrite = 0
    var output = 0
    var reasoning = 0
    var basis = "measured"

    init(input: Int, cached: Int = 0, cacheWrite: Int = 0, output: Int, reasoning: Int = 0, basis: String = "measured")
    {
        (self.input, self.cached, self.cacheWrite) = (input, cached, cacheWrite)
        (self.output, self.reasoning, self.basis) = (output, reasoning, basis)
    }

    /// - Parameter row: of ``World/ledger()``.
    init(_ row: JSON) {
        self.init(
            input: row["input_tokens"].integer ?? -1, cached: row["cached_tokens"].integer ?? -1,
            cacheWrite: row["cache_write_tokens"].integer ?? -1, output: row["output_tokens"].integer ?? -1,
            reasoning: row["reasoning_tokens"].integer ?? -1, basis: row["basis"].string ?? "none")
    }

    var description: String { "in \(input) (\(cached), \(cacheWrite)), out \(output) (\(reasoning)), \(basis)" }
}
