import SluicePostgres

/// Judges what was learned about a database. Pure: facts in, findings out.
struct DoctorExam: Sendable {
    let facts: DatabaseFacts
    let poolSize: Int
    let partitionsAhead: Int
    /// Whether it is the database that this program runs by itself.
    var isEmbedded = false

    static let oldestVersion = 130_000
    /// Milliseconds.
    static let noticeableOffset = 1_000.0

    /// Every check, in the order in which a person would fix things.
    var checks: [DoctorCheck] {
        [
            version, writes, isolation, durability, encryption, role, pooler, connections, clock, schema, roles,
            privileges, partitions,
        ].compactMap { $0 }
    }

    private var version: DoctorCheck {
        let found = "PostgreSQL \(facts.serverVersion / 10_000).\(facts.serverVersion % 10_000)"
        guard facts.serverVersion >= Self.oldestVersion else {
            return .fail("version", found, remedy: "upgrade to PostgreSQL 13 or later")
        }
        return .ok("version", found)
    }

    private var writes: DoctorCheck {
        guard facts.isReadOnly else { return .ok("writes", "the server takes writes") }
        return .fail(
            "writes", "the server is read-only: a standby, or told to be",
            remedy: "name all hosts in DATABASE_URL and add target_session_attrs=read-write")
    }

    private var isolation: DoctorCheck {
        guard !["read committed", "read uncommitted"].contains(facts.isolation) else {
            return .ok("isolation", "transactions are \(facts.isolation) unless they ask for more")
        }
        return .fail(
            "isolation", "transactions are \(facts.isolation), under which no decision is exact: all are refused",
            remedy: "ALTER ROLE … RESET default_transaction_isolation, and the same for the database")
    }

    private var durability: DoctorCheck {
        let settings =
            "fsync \(facts.fsync ? "on" : "off"), full_page_writes \(facts.fullPageWrites ? "on" : "off"),"
            + " synchronous_commit \(facts.synchronousCommit)"
        guard facts.fsync, facts.fullPageWrites else {
            return .fail(
                "durability", settings,
                remedy: "turn fsync and full_page_writes on: a crash of the machine can destroy the ledger")
        }
        guard facts.synchronousCommit != "off" else {
            return .warn(
                "durability", settings,
                remedy: "turn synchronous_commit on: a crash of the server forgets calls that were already let through")
        }
        return .ok("durability", settings)
    }

    private var encryption: DoctorCheck {
        if facts.isEncrypted { return .ok("encryption", "the connection is encrypted") }
        if facts.isLocal { return .ok("encryption", "the connection stays on this machine") }
        return .warn(
            "encryption", "the connection crosses the network in the clear",
            remedy: "add sslmode=verify-full and sslrootcert to DATABASE_URL")
    }

    private var pooler: DoctorCheck {
        switch facts.pooler {
        case .none: .ok("pooler", "a direct connection")
        case .session: .ok("pooler", "a pooler in session mode")
        case .transaction:
            .warn(
                "pooler", "a pooler in transaction mode: admissions work, migrations may not",
                remedy:
                    "run `sluice migrate` with a URL that leads to the server directly, and serve with SLUICE_MIGRATE=wait"
            )
        }
    }

    private var connections: DoctorCheck {
        let free = facts.connectionLimit - facts.connectionsInUse
        let found =
            "\(facts.connectionsInUse) of \(facts.connectionLimit) connections in use, a replica takes \(poolSize)"
        guard free < poolSize else { return .ok("connections", found) }
        return .warn(
            "connections", found,
            remedy: "raise max_connections, lower SLUICE_POOL_SIZE, or put PgBouncer in between")
    }

    private var clock: DoctorCheck {
        let found =
            "the database is \(Self.rounded(facts.clockOffset)) ms ahead of this machine"
            + " (± \(Self.rounded(facts.clockUncertainty)) ms)"
        guard abs(facts.clockOffset) - facts.clockUncertainty > Self.noticeableOffset else {
            return .ok("clock", found)
        }
        return .warn(
            "clock", found,
            remedy:
                "set both by NTP: decisions use the database's clock alone, but calls let through before it was first"
                + " asked carry this machine's")
    }

    private var schema: DoctorCheck {
        switch facts.schema {
        case .current(let version): .ok("schema", "at version \(version), as this program wants it")
        case .absent: .fail("schema", "there is none", remedy: "run `sluice migrate up`")
        case .behind(let version, let wanted):
            .fail("schema", "at version \(version), this program wants \(wanted)", remedy: "run `sluice migrate up`")
        case .wrong(let words): .fail("schema", words, remedy: "see the finding")
        }
    }

    private var partitions: DoctorCheck? {
        guard let summary = facts.partitions else { return nil }
        let size = "\(summary.partitions) with \(summary.bytes) bytes"
        let found =
            "\(summary.daysBack) days back, today and \(max(0, summary.daysAhead)) days ahead; \(size)"
        if summary.daysAhead < 0 {
            return .warn(
                "partitions", "no partition for today: the next call makes it; \(size)",
                remedy: "let a replica run: each makes \(partitionsAhead) days ahead")
        }
        if summary.daysAhead < partitionsAhead {
            return .warn(
                "partitions", found + "; \(partitionsAhead) days ahead are wanted",
                remedy: "let a replica run, or run `sluice partitions ensure`")
        }
        guard summary.unfinished == 0 else {
            return .warn(
                "partitions", found + "; \(summary.unfinished) on their way out",
                remedy: "let a replica run, which finishes them, or run `sluice partitions drop` again")
        }
        return .ok("partitions", found)
    }

    private static func rounded(_ milliseconds: Double) -> String {
        let tenths = (milliseconds * 10).rounded() / 10
        return tenths == 0 ? "0" : "\(tenths)"
    }
}
