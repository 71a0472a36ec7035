import HummingbirdSluice
import SluiceCore
import SluiceLedger

extension AuditTable {
    init(_ lines: [RefusalLine], by key: RefusalKey) {
        self.init(
            columns: [Column(key.column), Column("refused"), Column("users")],
            rows: lines.map { line in
                [line.hour.map(AuditCell.moment) ?? AuditCell(line.key), .integer(line.refused), .integer(line.users)]
            })
    }

    init(_ spans: [OutageSpan]) {
        self.init(
            columns: ["replica", "first_at", "last_at", "calls", "users", "weight"].map { Column($0) },
            rows: spans.map { span in
                [AuditCell(span.replica), .moment(span.first), .moment(span.last)]
                    + [span.calls, span.users, span.weight].map(AuditCell.integer)
            })
    }

    init(_ windows: [UserWindow]) {
        self.init(
            columns: ["window", "limit", "used", "length_ms"].map { Column($0) },
            rows: windows.map { line in
                [
                    .text(line.window.name), .integer(line.window.limit), .integer(line.used),
                    .integer(line.window.length.millisecondsRoundedUp),
                ]
            })
    }

    init(_ keys: [UserKey]) {
        self.init(
            columns: ["key_id", "prefix", "name", "role", "created_at", "expires_at", "revoked_at", "last_used_at"]
                .map { Column($0) },
            rows: keys.map { key in
                [
                    .text(key.id.description), .text(key.prefix), AuditCell(key.name), .text(key.role),
                    .moment(key.createdAt), AuditCell(key.expiresAt), AuditCell(key.revokedAt),
                    AuditCell(key.lastUsedAt),
                ]
            })
    }
}

extension RefusalKey {
    /// The column's name.
    fileprivate var column: String { self == .user || self == .policy ? "\(rawValue)_id" : rawValue }
}
