import HummingbirdSluice
import SluiceCore
import SluicePostgres

/// A partition as commands show it.
struct PartitionReport: Encodable, Equatable {
    let table: String
    let parent: String
    /// RFC 3339, as `until`, which is the first moment that it does not hold.
    let from: String
    let until: String
    let state: String
    let rows: Int64?
    let isExact: Bool
    let tableBytes: Int64
    let indexBytes: Int64
    let mayRetire: Bool

    enum CodingKeys: String, CodingKey {
        case table, parent, from, until, state, rows
        case isExact = "rows_exact"
        case tableBytes = "table_bytes"
        case indexBytes = "index_bytes"
        case mayRetire = "may_retire"
    }

    /// - Parameter exact: the rows as they were counted; without, the estimate is shown.
    init(_ partition: LedgerPartition, exact: Int64? = nil) {
        table = partition.name
        parent = partition.parent
        (from, until) = (Self.moment(partition.startsAt), Self.moment(partition.endsAt))
        state = partition.state.rawValue
        rows = exact ?? partition.estimatedRows
        isExact = exact != nil
        (tableBytes, indexBytes) = (partition.tableBytes, partition.indexBytes)
        mayRetire = partition.mayRetire
    }

    /// Midnights go without their microseconds.
    private static func moment(_ moment: Timestamp) -> String {
        let text = moment.rfc3339
        return text.hasSuffix(".000000Z") ? String(text.dropLast(8)) + "Z" : text
    }

    static func table(_ partitions: [PartitionReport]) -> String {
        TextTable(
            header: ["table", "from", "until", "state", "rows", "bytes", "bytes of indexes", "may go"],
            rows: partitions.map { partition in
                [
                    partition.table, partition.from, partition.until, partition.state,
                    partition.rows.map { (partition.isExact ? "" : "~") + "\($0)" } ?? "not known",
                    "\(partition.tableBytes)", "\(partition.indexBytes)", partition.mayRetire ? "yes" : "not yet",
                ]
            }
        ).text
    }
}
