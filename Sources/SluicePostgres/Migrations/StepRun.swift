import Logging
import Postgres

/// Takes one step, or takes it back, as often as it takes to get its locks.
struct StepRun {
    let session: MigratorSession
    let migration: Migration
    let direction: MigrationDirection

    private var connection: PostgresConnection { session.connection }
    private var script: MigrationScript { migration.script(direction) }

    func run() async throws(MigrationError) {
        if script.isTransactional {
            try await retrying(nil) { _ throws(PostgresError) in try await inTransaction { script.sql } }
        } else {
            try await runWithoutTransaction()
        }
    }

    /// The step and its record are one transaction.
    private func inTransaction(_ sql: () -> String?) async throws(PostgresError) {
        try await connection.execute(MigratorText.begin(session.settings.lockTimeout))
        try await connection.execute(MigratorText.becomeOwner(isLocal: true))
        if let sql = sql() { try await connection.execute(sql) }
        try await connection.run(RecordMigration(migration: migration, direction: direction))
        try await connection.execute("COMMIT")
    }

    /// Each statement by itself, then the record. All of them may have run before.
    private func runWithoutTransaction() async throws(MigrationError) {
        let statements = script.statements
        for (index, statement) in statements.enumerated() {
            try await retrying((index + 1, statements.count)) { deadline throws(PostgresError) in
                try await connection.execute(MigratorText.becomeOwner(isLocal: false))
                let leftovers = Leftovers(connection: connection, patience: ContinuousClock.now.duration(to: deadline))
                try await leftovers.clear(script.concurrentIndexes)
                let patience =
                    MigrationScript.isConcurrent(statement)
                    ? ContinuousClock.now.duration(to: deadline) : session.settings.lockTimeout
                try await connection.execute(MigratorText.timeout(patience, isLocal: false))
                try await connection.execute(statement)
            }
        }
        try await retrying(nil) { _ throws(PostgresError) in
            try await connection.execute("RESET ROLE")
            try await inTransaction { nil }
        }
    }

    /// - Parameter statement: its number and how many there are, of a step without a transaction.
    private func retrying(
        _ statement: (number: Int, of: Int)?,
        _ body: (_ deadline: ContinuousClock.Instant) async throws(PostgresError) -> Void
    ) async throws(MigrationError) {
        let deadline = ContinuousClock.now + session.settings.patience
        var backoff = MigrationBackoff()
        for attempt in 1... {
            do throws(PostgresError) {
                return try await body(deadline)
            } catch {
                try await giveUp(error, statement, attempt, deadline)
            }
            let pause = backoff.pause(chance: .random(in: 0...1))
            session.logger.notice(
                "migration waits for a lock",
                metadata: ["migration": "\(migration)", "attempt": "\(attempt)", "pause": "\(pause)"])
            try? await Task.sleep(for: pause)
        }
    }

    /// Rolls back, and throws unless another attempt may fare better.
    private func giveUp(
        _ error: PostgresError, _ statement: (number: Int, of: Int)?, _ attempt: Int,
        _ deadline: ContinuousClock.Instant
    ) async throws(MigrationError) {
        guard error.server != nil, error.sqlState?.isShutdown != true else {
            throw .lost(step: migration.description, error)
        }
        try? await connection.execute("ROLLBACK")
        guard error.isContention else {
            throw .failed(step: migration.description, statement: statement?.number, of: statement?.of, error)
        }
        guard .now < deadline else {
            throw .contended(step: migration.description, attempts: attempt, waited: session.settings.patience, error)
        }
    }
}

extension PostgresError {
    /// Somebody was in the way: another attempt may fare better.
    fileprivate var isContention: Bool {
        sqlState == .lockNotAvailable || sqlState?.isRetryableTransactionFailure == true
    }
}
