public import Postgres
public import SluiceCore

/// `timestamptz`: microseconds since 2000-01-01 on the wire. Infinite ones are refused: the ledger holds none.
extension Timestamp: PostgresScalar {
    public static var postgresType: PostgresType { .timestamptz }

    /// From 1970-01-01 to 2000-01-01.
    private static let epochOffset: Int64 = 946_684_800_000_000

    public func encode(into buffer: inout PostgresBuffer) {
        // Saturates short of the two values that mean infinity.
        let (shifted, overflow) = microseconds.subtractingReportingOverflow(Self.epochOffset)
        buffer.append(overflow ? Int64.min + 1 : shifted)
    }

    public static func decode(from bytes: RawSpan, type: PostgresType) throws(PostgresDecodingFailure) -> Timestamp {
        guard type == .timestamptz else { throw .typeMismatch }
        let shifted = try bytes.wholeBigEndian(as: Int64.self)
        guard shifted != .min, shifted != .max else { throw .outOfRange }
        let (microseconds, overflow) = shifted.addingReportingOverflow(epochOffset)
        guard !overflow else { throw .outOfRange }
        return Timestamp(microseconds: microseconds)
    }
}
