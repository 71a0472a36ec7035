public import Postgres

/// Reads what auditors may: the chain of seals, the ranges they were made from, and the rows themselves, as bytes.
///
/// Nothing of it rests on the functions that made the seals.
public struct LedgerReader: Sendable {
    private let connection: PostgresConnection

    public init(connection: PostgresConnection) { self.connection = connection }

    /// Runs the closure on a snapshot in which everything is written as seals have it.
    public nonisolated(nonsending) func withSnapshot<Value>(
        _ body: nonisolated(nonsending) () async throws -> Value
    ) async throws -> Value {
        let mode = PostgresTransactionMode(isolation: .repeatableRead, isReadOnly: true)
        do {
            return try await connection.withTransaction(mode: mode) { transaction in
                try await transaction.execute(Self.settings)
                return try await body()
            }
        } catch {
            // What went wrong within says more than that the transaction did.
            throw error.body ?? error
        }
    }

    /// By the index of the key, range by range, whatever the statistics are.
    private static let settings = """
        SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL client_encoding = 'UTF8';
        SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;
        SET LOCAL enable_sort = off; SET LOCAL jit = off; SET LOCAL statement_timeout = 0
        """

    /// All seals. Needs ``withSnapshot(_:)``, as all below.
    public nonisolated(nonsending) func chain() async throws -> SealChain {
        let lines = try await lines("COPY (SELECT * FROM sluice.seal_chain ORDER BY seal_no) TO STDOUT")
        return SealChain(try lines.map { try Self.parsed(Seal(copied: $0), "sluice.seal_chain", $0) })
    }

    /// The ranges of a seal in order.
    public nonisolated(nonsending) func ranges(of seal: Seal) async throws -> [SealRange] {
        let sql = """
            COPY (SELECT * FROM sluice.seal_parts WHERE seal_no = \(seal.number) ORDER BY is_late, ordinal) TO STDOUT
            """
        return try await lines(sql).map { try Self.parsed(SealRange(copied: $0), "sluice.seal_parts", $0) }
    }

    /// The days that partitions hold, of either table.
    public nonisolated(nonsending) func heldDays() async throws -> [Range<LedgerDay>] {
        try await connection.run(ListHeldDays())
    }

    /// By the database's clock.
    public nonisolated(nonsending) func today() async throws -> LedgerDay {
        try await connection.run(ReadToday()).first ?? LedgerDay(number: 0)
    }

    /// What retention has taken.
    nonisolated(nonsending) func retirements() async throws -> [Retirement] {
        try await connection.run(ListRetirements()).compactMap(\.self)
    }

    /// How many unchecked calls are listed for each seal.
    nonisolated(nonsending) func listedCalls() async throws -> [Int: Int] {
        Dictionary(uniqueKeysWithValues: try await connection.run(CountListedCalls()))
    }

    /// The seals of some days, but those whose rows retention has taken, all of them.
    public nonisolated(nonsending) func heldSeals(
        _ chain: SealChain, from: LedgerDay?, until: LedgerDay?
    ) async throws -> [Seal] {
        let retirements = try await retirements()
        var held: [Seal] = []
        for seal in chain.seals where SealVerifier.isWanted(seal.day, from, until) {
            let isRetired = retirements.contains { $0.took(seal) }
            let isHeld = if isRetired { try await hasRows(of: seal) } else { true }
            if isHeld { held.append(seal) }
        }
        return held
    }

    private nonisolated(nonsending) func hasRows(of seal: Seal) async throws -> Bool {
        for part in SealPart.allCases where part.isIn(seal) {
            let rows = try await connection.query("\(unescaped: RangeQuery(all: part, of: seal).existence)")
            if try rows.first?.decode(Bool.self, at: 0) ?? false { return true }
        }
        return false
    }

    /// Rows of a seal that no range can hold, since a part of their key is null.
    nonisolated(nonsending) func keylessRows(of seal: Seal) async throws -> Int {
        let rows = try await connection.query("\(unescaped: RangeQuery(all: .ordered, of: seal).keyless)")
        return Int(try rows.first?.decode(Int64.self, at: 0) ?? 0)
    }

    /// Unchecked calls that no seal of their day has, by day.
    ///
    /// - Parameter from: the first day; `nil` for the first that there is.
    nonisolated(nonsending) func unsealedCalls(from: LedgerDay?, until: LedgerDay) async throws -> [LedgerDay: Int] {
        Dictionary(uniqueKeysWithValues: try await connection.run(CountUnsealedCalls(from: from, until: until)))
    }

    /// Rows before a day that cannot have come late.
    public nonisolated(nonsending) func rows(of table: LedgerTable, before day: LedgerDay) async throws -> Int {
        let mode = table == .calls ? " AND r.mode IS DISTINCT FROM 'unchecked'" : ""
        let result = try await connection.query(
            """
            SELECT count(*) FROM \(unescaped: table.view) AS r
            WHERE r.\(unescaped: table.clock) < \("\(day) 00:00:00+00")::text::timestamptz\(unescaped: mode)
            """)
        return Int(try result.first?.decode(Int64.self, at: 0) ?? 0)
    }

    /// The canonical bytes of some rows, as they come.
    ///
    /// - Returns: how many rows there were.
    public nonisolated(nonsending) func copy(
        _ query: RangeQuery, receive: nonisolated(nonsending) ([UInt8]) async throws -> Void
    ) async throws -> Int {
        try await connection.copyOut(query.sql, receive: receive)
    }

    private nonisolated(nonsending) func lines(_ sql: String) async throws -> [Substring] {
        var bytes: [UInt8] = []
        _ = try await connection.copyOut(sql) { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }

    private static func parsed<Value>(_ value: Value?, _ view: String, _ line: Substring) throws(SealError) -> Value {
        guard let value else { throw .unreadable(view: view, line: String(line)) }
        return value
    }
}
