import Postgres
import SluiceCore
import SluicePostgres

/// What `sluice partitions drop` does: says what goes, and takes it away, the oldest first.
struct PartitionDrop {
    let store: PartitionStore
    let connection: PostgresConnection
    let limit: DropLimit
    let action: RetentionAction
    let exporter: PartitionExporter?
    /// For one partition.
    let patience: Duration

    /// Those that go. Tells about those that would, but may not yet.
    func select() async throws -> [LedgerPartition] {
        let now = try await now()
        _ = try limit.keptDays(at: now)
        let end = limit.end(at: now)
        let old = try await store.list(deadline: deadline).filter { $0.state == .attached && $0.endsAt <= end }
        for partition in old where !partition.mayRetire {
            Terminal.printError("sluice: \(partition.name) stays: its days are not sealed yet, or are still needed")
        }
        return old.filter(\.mayRetire)
    }

    func perform(_ doomed: [LedgerPartition]) async throws {
        try await finishOthers()
        let rule = RetentionRule(days: try limit.keptDays(at: try await now()), action: action)
        let isOwner = try await OwnerRetirement.isPossible(over: connection)
        for partition in doomed {
            let kept = try await isOwner ? retireAsOwner(partition, rule) : retire(partition, rule)
            if let kept { Terminal.print(Self.words(partition, kept, action)) }
            try await export()
        }
        if doomed.isEmpty { Terminal.print("nothing to do") }
    }

    /// What an earlier run was interrupted in.
    private func finishOthers() async throws {
        while let name = try await patiently({ () throws(PostgresError) in try await store.resume(deadline: deadline) })
        {
            Terminal.print("finished what was begun earlier: \(name)")
        }
        try await export()
        let waiting = try await store.pendingExports(deadline: deadline)
        for table in waiting {
            Terminal.printError("sluice: \(table.table) waits to be written to a file: say --export FOLDER")
        }
    }

    private func export() async throws {
        for table in try await exporter?.exportAll() ?? [] {
            Terminal.print("exported \(table.rows) rows to \(table.file)")
        }
    }

    private func retireAsOwner(_ partition: LedgerPartition, _ rule: RetentionRule) async throws -> String? {
        let owner = OwnerRetirement(connection: connection, patience: patience, onWait: Self.tellOfWait)
        do {
            return try await owner.retire(partition, by: rule)
        } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
            throw Self.patienceOver(partition.name)
        }
    }

    private func retire(_ partition: LedgerPartition, _ rule: RetentionRule) async throws -> String? {
        do {
            return try await patiently { () throws(PostgresError) in
                try await store.retire(partition.name, by: rule, deadline: deadline)
            }
        } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
            throw Self.patienceOver(partition.name)
        }
    }

    /// Tries again while others hold the locks, with pauses in which they are not held up.
    private func patiently<Value>(_ body: () async throws(PostgresError) -> Value) async throws -> Value {
        let end = ContinuousClock.now + patience
        var pause = Duration.milliseconds(500)
        while true {
            do throws(PostgresError) {
                return try await body()
            } catch {
                guard error.sqlState?.isPassing == true, .now < end else { throw error }
            }
            try await Task.sleep(for: pause * Double.random(in: 0.5...1))
            pause = min(pause * 2, .seconds(10))
        }
    }

    private func now() async throws -> Timestamp {
        guard let now = try await store.now(deadline: deadline) else {
            throw CommandError(.unavailable, "the database does not tell the time")
        }
        return now
    }

    private var deadline: ContinuousClock.Instant { .now + .seconds(60) }

    private static func tellOfWait(_ name: String) {
        Terminal.printError("sluice: waiting for transactions that use the ledger, to detach \(name)")
    }

    private static func patienceOver(_ name: String) -> CommandError {
        CommandError(
            .unavailable,
            "\(name) could not be taken away: transactions of others use the ledger for too long; run this again, or give"
                + " it longer with --wait (pg_stat_activity.xact_start shows how old transactions are)")
    }

    private static func words(_ partition: LedgerPartition, _ kept: String, _ action: RetentionAction) -> String {
        switch action {
        case .drop: "dropped \(partition.name)"
        case .detach, .export: "detached \(partition.name) as \(kept)"
        }
    }
}
