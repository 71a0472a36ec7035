import HummingbirdSluice
import SluiceCore
import SluiceJournal

/// A segment of the journal as the commands show it.
struct SegmentListing: Encodable, Equatable {
    let segment: String
    /// ``SegmentReport/State``
    let state: String
    let records: Int
    /// How many of them are settlements, not calls.
    let settlements: Int
    let bytes: Int
    /// Of the format; absent, as the next two, when the segment's header cannot be read.
    let version: UInt16?
    let created: String?
    let replica: String?
    /// The earliest and the latest time of a call or a settlement in it, RFC 3339.
    let first: String?
    let last: String?
    let damage: [Damage]

    struct Damage: Encodable, Equatable {
        /// In bytes from the start of the file.
        let offset: Int
        let what: String
    }

    init(_ report: SegmentReport) {
        segment = report.name
        state = report.state.rawValue
        records = report.records
        settlements = report.settlements
        bytes = report.bytes
        version = report.version
        created = report.createdAt?.rfc3339
        replica = report.replica
        first = report.first?.rfc3339
        last = report.last?.rfc3339
        damage = report.damage.map { Damage(offset: $0.offset, what: "\($0)") }
    }

    /// A line for each, for people.
    static func table(_ listings: [SegmentListing]) -> String {
        guard !listings.isEmpty else { return "the journal is empty" }
        return TextTable(
            header: ["segment", "state", "records", "settlements", "bytes", "replica", "first", "last", "damage"],
            rows: listings.map { listing in
                [
                    listing.segment, listing.state, "\(listing.records)", "\(listing.settlements)", "\(listing.bytes)",
                    listing.replica ?? "-",
                    listing.first ?? "-", listing.last ?? "-",
                    listing.damage.isEmpty ? "no" : listing.damage.map(\.what).joined(separator: "; "),
                ]
            }
        ).text
    }
}
