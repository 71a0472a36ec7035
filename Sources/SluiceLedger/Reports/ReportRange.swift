public import SluiceCore

/// The time that a report is about, in the time zone that it is told in.
public struct ReportRange: Hashable, Sendable {
    /// The first moment.
    public let from: Timestamp
    /// The first moment that no longer belongs to it.
    public let until: Timestamp
    /// An IANA name.
    public let zone: String
    /// When it was asked for, by the database's clock.
    public let now: Timestamp

    /// The zone in which the ledger's days are days.
    public static let universal = "UTC"

    public init(from: Timestamp, until: Timestamp, zone: String = universal, now: Timestamp) {
        self.from = from
        self.until = until
        self.zone = zone
        self.now = now
    }
}

extension ReportRange {
    /// A part of it.
    func cut(from: Timestamp, until: Timestamp) -> ReportRange {
        ReportRange(from: max(from, self.from), until: min(until, self.until), zone: zone, now: now)
    }

    /// Its parts that lie in one UTC day each.
    var days: [ReportRange] {
        guard from < until else { return [] }
        var parts: [ReportRange] = []
        var day = LedgerDay(of: from)
        while day.start < until {
            parts.append(cut(from: day.start, until: day.end))
            day = day.next
        }
        return parts
    }
}
