public import SluiceCore

/// Where a report begins or ends, as people say it.
public enum ReportBound: Hashable, Sendable {
    /// The midnight at which the day begins in the report's time zone.
    case day(LedgerDay)
    case moment(Timestamp)
}
