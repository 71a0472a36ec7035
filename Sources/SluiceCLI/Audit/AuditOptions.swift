import ArgumentParser
import HummingbirdSluice
import SluiceCore
import SluiceLedger

/// What all reports are asked with.
struct AuditOptions: ParsableArguments {
    @Option(help: "The beginning: a date, or a moment as RFC 3339 writes it. This month's, unless given.")
    var from: String?
    @Option(
        help: "The end, which no longer belongs to it: a date, or a moment as RFC 3339 writes it. Now, unless given.")
    var to: String?
    @Option(help: "The time zone in which days begin, by its IANA name.") var timezone = ReportRange.universal
    @Option(help: "table, csv (RFC 4180) or json.") var format = AuditFormat.table

    /// - Throws: ``CommandError`` for what is neither a date nor a moment, and for years out of range.
    static func bound(_ text: String?, of option: String) throws(CommandError) -> ReportBound? {
        guard let text else { return nil }
        let bound: ReportBound
        if let day = LedgerDay(iso: text) {
            bound = .day(day)
        } else if let moment = Timestamp(rfc3339: text) {
            bound = .moment(moment)
        } else {
            throw CommandError(
                .usage,
                "\(option) \"\(text)\" is neither a date nor a moment: write 2026-11-28, or 2026-11-28T12:00:00Z")
        }
        guard years.contains(bound.day) else {
            throw CommandError(.usage, "\(option) \"\(text)\" is out of range: use the years 2000 to 8999")
        }
        return bound
    }

    /// - Throws: ``CommandError`` for less than one line.
    static func limit(_ limit: Int?) throws(CommandError) -> Int? {
        guard let limit, limit < 1 else { return limit }
        throw CommandError(.usage, "--limit \(limit) is out of range: use 1 or more, or leave it out")
    }

    private static let years =
        LedgerDay(
            of: Timestamp(microseconds: 946_684_800_000_000))..<LedgerDay(
            of: Timestamp(microseconds: 221_845_392_000_000_000))
}

extension ReportBound {
    /// The day, or the UTC day of the moment.
    fileprivate var day: LedgerDay {
        switch self {
        case .day(let day): day
        case .moment(let moment): LedgerDay(of: moment)
        }
    }
}
