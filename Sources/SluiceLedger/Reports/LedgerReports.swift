public import Postgres
public import SluiceCore
import SluicePostgres

/// Reads the ledger's views, as a member of `sluice_audit` may: sums where they suffice, rows where they do not.
///
/// Run it in one transaction of `REPEATABLE READ`, so that all parts of a report are of the same moment.
public struct LedgerReports: Sendable {
    private let database: any PostgresExecutor

    public init(database: any PostgresExecutor) {
        self.database = database
    }

    /// The range between two bounds: from the beginning of this month, and up to now, unless given.
    ///
    /// - Parameter zone: an IANA name; the one in which days begin.
    public nonisolated(nonsending) func range(
        from: ReportBound?, until: ReportBound?, zone: String = ReportRange.universal
    ) async throws(ReportError) -> ReportRange {
        if zone != ReportRange.universal {
            // PostgreSQL takes anything for a zone of POSIX, and is not told of mistakes.
            let known = try await run(ReadZones())
            guard known.contains(zone) else { throw .unknownZone(zone, known: known) }
        }
        let found = try await run(ResolveRange(from: from, until: until, zone: zone))[0]
        guard found.from < found.until else { throw .reversed(from: found.from, until: found.until) }
        return ReportRange(from: found.from, until: found.until, zone: zone, now: found.now)
    }

    /// What was spent in a range: lines in time, or those with most first.
    ///
    /// - Parameters:
    ///   - user: of this one only.
    ///   - limit: how many lines at most.
    ///   - progress: is told of reports that read rows day by day.
    public nonisolated(nonsending) func spend(
        by key: SpendKey, of user: UserID? = nil, in range: ReportRange, limit: Int? = nil,
        progress: ReportProgress = { _, _ in }
    ) async throws(ReportError) -> [SpendLine] {
        let lines: [SpendLine] =
            switch key {
            case .user where user == nil: try await run(SpendByUser(split: MonthSplit(range), limit: limit))
            case .user: try await total(of: user, in: range).map { SpendLine(key: user?.description, spend: $0) }
            case .model: try await sums(by: key, of: user, in: range)
            case .key, .route: try await byOrigin(key, of: user, in: range, progress)
            case .day, .month:
                if range.zone == ReportRange.universal {
                    try await sums(by: key, of: user, in: range)
                } else {
                    try await bySpan(key, of: user, in: range, progress)
                }
            }
        let ordered = lines.ordered(by: key)
        return Array(ordered.prefix(limit ?? ordered.count))
    }

    /// How often users were refused: lines in time, or those with most first.
    public nonisolated(nonsending) func refusals(
        by key: RefusalKey, of user: UserID? = nil, in range: ReportRange, limit: Int? = nil
    ) async throws(ReportError) -> [RefusalLine] {
        try await run(ReadRefusals(key: key, user: user, range: range, limit: limit))
    }

    /// The times in which replicas let calls through unchecked, the first first.
    public nonisolated(nonsending) func outages(
        in range: ReportRange, limit: Int? = nil
    ) async throws(ReportError) -> [OutageSpan] {
        try await run(ReadOutages(range: range, limit: limit))
    }

    /// Everything about one user.
    ///
    /// - Parameter windows: those of the policy that is told of.
    public nonisolated(nonsending) func user(
        _ user: UserID, in range: ReportRange, windows: [Window], progress: ReportProgress = { _, _ in }
    ) async throws(ReportError) -> UserReport {
        let used = try await run(ReadUserWindows(user: user, now: range.now, lengths: windows.map(\.length)))
        return UserReport(
            windows: zip(windows, used).map(UserWindow.init),
            total: try await total(of: user, in: range).first ?? Spend(),
            days: try await spend(by: .day, of: user, in: range, progress: progress),
            models: try await spend(by: .model, of: user, in: range),
            refusals: try await refusals(by: .day, of: user, in: range), keys: try await run(ReadUserKeys(user: user)))
    }
}

extension LedgerReports {
    private nonisolated(nonsending) func sums(
        by key: SpendKey?, of user: UserID?, in range: ReportRange
    ) async throws(ReportError) -> [SpendLine] {
        let split = DaySplit(range)
        guard let user else { return try await run(SpendOfAll(key: key, split: split)) }
        return try await run(SpendOfUser(user: user, key: key, split: split))
    }

    /// One, or none where nothing was spent.
    private nonisolated(nonsending) func total(
        of user: UserID?, in range: ReportRange
    ) async throws(ReportError) -> [Spend] {
        try await sums(by: nil, of: user, in: range).map(\.spend)
    }

    /// By days or months of a zone whose days are not the ledger's.
    private nonisolated(nonsending) func bySpan(
        _ key: SpendKey, of user: UserID?, in range: ReportRange, _ progress: ReportProgress
    ) async throws(ReportError) -> [SpendLine] {
        guard let covered = try await covered(range) else { return [] }
        let spans = try await run(LocalSpans(key: key, range: covered))
        var lines: [SpendLine] = []
        for (index, span) in spans.enumerated() {
            progress(index, spans.count)
            let part = covered.cut(from: span.from, until: span.until)
            lines += try await total(of: user, in: part).map { SpendLine(key: span.label, spend: $0) }
        }
        progress(spans.count, spans.count)
        return lines
    }

    private nonisolated(nonsending) func byOrigin(
        _ key: SpendKey, of user: UserID?, in range: ReportRange, _ progress: ReportProgress
    ) async throws(ReportError) -> [SpendLine] {
        guard let days = try await covered(range)?.days else { return [] }
        var lines: [SpendLine] = []
        for (index, day) in days.enumerated() {
            progress(index, days.count)
            lines = .merging(lines + (try await run(SpendByOrigin(key: key, user: user, range: day))))
        }
        progress(days.count, days.count)
        return lines
    }

    /// The part of a range in which there can be anything, so that nobody looks through centuries.
    private nonisolated(nonsending) func covered(_ range: ReportRange) async throws(ReportError) -> ReportRange? {
        guard let extent = try await run(ReadExtent())[0] else { return nil }
        let part = range.cut(from: extent.from, until: extent.until)
        return part.from < part.until ? part : nil
    }

    private nonisolated(nonsending) func run<Statement: PostgresStatement>(
        _ statement: Statement
    ) async throws(ReportError) -> [Statement.Row] {
        do throws(PostgresError) {
            return try await database.run(statement)
        } catch {
            throw .database(error)
        }
    }
}
