public import Logging
public import Postgres
import SluiceCore

/// Fills a database that is meant for measurements with a made-up history of past days, by `COPY`.
///
/// The rows keep every rule of the ledger: running totals, constraints, partitions. They are written as the schema's owner,
/// past the functions that would refuse the past. A run that is broken off leaves whole and half days behind: drop the
/// database then.
public struct LedgerFill: Sendable {
    private let plan: FillPlan
    private let database: PostgresConfiguration
    private let logger: Logger

    /// - Parameter database: of a role that is a member of the schema's owner.
    public init(plan: FillPlan, database: PostgresConfiguration, logger: Logger) {
        self.plan = plan
        self.database = database
        self.logger = logger
    }

    /// Looks whether the database may be filled.
    ///
    /// - Parameter appends: rows of this generator may be there already, on other days.
    /// - Returns: the database's name.
    /// - Throws: ``FillError`` when it may not, ``PostgresError``.
    public func examine(appends: Bool) async throws -> String {
        try await withConnection { connection in
            let name = try await becomeOwner(connection)
            try await check(name, appends, connection)
            return name
        }
    }

    /// Fills it.
    ///
    /// - Parameters:
    ///   - appends: as in ``examine(appends:)``.
    ///   - progress: hears several times a second how far it is.
    /// - Throws: ``FillError``, ``PostgresError``, `CancellationError`.
    @discardableResult
    public func run(appends: Bool, progress: @escaping (FillProgress) -> Void = { _ in }) async throws -> FillProgress {
        try await withConnection { first in
            try await withConnection { second in
                try await check(try await becomeOwner(first), appends, first)
                _ = try await becomeOwner(second)
                let generator = FillGenerator(plan, prices: try await prepare(first))
                let state = FillState(plan, progress)
                for (index, calls) in plan.callsPerDay.enumerated() {
                    let day = LedgerDay(number: plan.firstDay.number + index)
                    state.begin(day, done: index)
                    generator.begin(day, calls: calls)
                    try await fill(day, generator, first, second, state)
                    try await settleDown(day, first, second)
                }
                state.end(done: plan.days)
                return state.progress
            }
        }
    }

    // MARK: Before

    private func becomeOwner(_ connection: PostgresConnection) async throws -> String {
        guard let role = try await connection.run(ReadFillRole()).first, role.hasSchema else {
            throw FillError(
                .database, "the database has no ledger to fill, or one of an older schema: run `sluice migrate up`")
        }
        guard let setRole = role.setRole else {
            throw FillError(
                .database,
                "rows of the past are written as \(role.owner ?? "the schema's owner"): connect as a member of that role"
            )
        }
        try await connection.execute(setRole)
        return role.database
    }

    private func check(_ name: String, _ appends: Bool, _ connection: PostgresConnection) async throws {
        let statement = ReadFillTarget(firstDay: plan.firstDay, endDay: plan.endDay)
        guard let target = try await connection.run(statement).first else { return }
        if target.isClosed {
            throw FillError(
                .database,
                "days from \(plan.firstDay) on are summed up or sealed already, as replicas do: use a new database and fill it before any replica runs on it"
            )
        }
        guard target.isUsed else { return }
        if target.isForeign {
            throw FillError(
                .database,
                "the ledger of \"\(name)\" has calls that were not made up here: it may be one that counts; use a new database"
            )
        }
        if !appends {
            throw FillError(
                .database, "the ledger of \"\(name)\" has calls already: use a new database, or --append other days")
        }
        if target.isTaken {
            throw FillError(
                .database,
                "the ledger of \"\(name)\" has calls between \(plan.firstDay) and \(plan.endDay): append other days")
        }
    }

    /// Makes partitions and prices, and has nobody look for open calls in what is made up.
    private func prepare(_ connection: PostgresConnection) async throws -> [FillGenerator.Price?] {
        // A few at a time: each holds some locks until the transaction ends.
        for start in stride(from: 0, to: plan.days, by: 20) {
            let day = LedgerDay(number: plan.firstDay.number + start)
            let count = Int32(min(20, plan.days - start))
            try await connection.query("SELECT sluice.ensure_partitions(\(day.description)::date, \(count))")
        }
        try await connection.query(
            """
            UPDATE sluice.lease_progress
            SET settled_until = greatest(settled_until, \(plan.endDay.description)::date::timestamp AT TIME ZONE 'UTC')
            """)
        var prices: [FillGenerator.Price?] = []
        for model in plan.models {
            guard let price = model.price else {
                prices.append(nil)
                continue
            }
            let statement = MakeFillPrice(model: model, price: price, firstDay: plan.firstDay)
            prices.append(try await connection.run(statement).first)
        }
        return prices
    }

    // MARK: A day

    /// Two streams of rows at once, so that both cores of a small machine have work.
    private func fill(
        _ day: LedgerDay, _ generator: FillGenerator, _ first: PostgresConnection, _ second: PostgresConnection,
        _ state: FillState
    ) async throws {
        let calls = PieceQueue()
        let settlements = PieceQueue()
        let refusals = try await withThrowingTaskGroup { group in
            for (connection, sql, queue) in [
                (first, Self.copy("calls", FillGenerator.callColumns), calls),
                (second, Self.copy("settlements", FillGenerator.settlementColumns), settlements),
            ] {
                group.addTask {
                    do {
                        try await connection.copyIn(sql) { try await queue.next() }
                    } catch {
                        await calls.breakOff()
                        await settlements.breakOff()
                        throw error
                    }
                }
            }
            let refusals: [[UInt8]]
            do {
                refusals = try await produce(generator, calls, settlements, state)
            } catch {
                await calls.breakOff()
                await settlements.breakOff()
                // What broke the copying says more than that it broke.
                while let result = await group.nextResult() { try Self.rethrow(result) }
                throw error
            }
            try await group.waitForAll()
            return refusals
        }
        var rest = refusals[...]
        try await first.copyIn(Self.copy("refusals", FillGenerator.refusalColumns)) { rest.popFirst() }
    }

    private static func rethrow(_ result: Result<Void, any Error>) throws {
        if case .failure(let error) = result, !(error is CancellationError) { throw error }
    }

    private static func copy(_ table: String, _ columns: String) -> String {
        "COPY sluice.\(table) (\(columns)) FROM STDIN (FORMAT binary)"
    }

    /// - Returns: the day's refusals, of which there are few.
    private func produce(
        _ generator: FillGenerator, _ calls: PieceQueue, _ settlements: PieceQueue, _ state: FillState
    ) async throws -> [[UInt8]] {
        var refusals: [[UInt8]] = []
        while generator.advance() {
            try Task.checkCancellation()
            if generator.callRows.isFull { try await calls.put(generator.callRows.take()) }
            if generator.settlementRows.isFull { try await settlements.put(generator.settlementRows.take()) }
            if generator.refusalRows.isFull { refusals.append(generator.refusalRows.take()) }
            state.note(generator)
        }
        try await calls.put(generator.callRows.end())
        try await settlements.put(generator.settlementRows.end())
        refusals.append(generator.refusalRows.end())
        await calls.end()
        await settlements.end()
        state.note(generator)
        return refusals
    }

    /// What autovacuum would do in time: statistics, and pages marked as all visible, which reading by index alone needs.
    private func settleDown(_ day: LedgerDay, _ first: PostgresConnection, _ second: PostgresConnection) async throws {
        let tables = try await first.run(ReadFilledTables(day: day))
        try await withThrowingTaskGroup { group in
            for (table, connection) in zip(tables, [first, second]) {
                group.addTask { try await connection.execute("VACUUM (ANALYZE) \(table)") }
            }
            try await group.waitForAll()
        }
    }

    private func withConnection<Value>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(database, logger: logger)
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }
}
