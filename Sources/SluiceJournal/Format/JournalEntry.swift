public import SluiceCore

/// What one record of a journal holds.
public enum JournalEntry: Hashable, Sendable {
    /// A call that was let through without the ledger's word.
    case call(UncheckedCall)
    /// What a call has taken, and when that was settled.
    case settlement(Settlement, settledAt: Timestamp)

    /// When the call was let through, or settled.
    public var time: Timestamp {
        switch self {
        case .call(let call): call.admittedAt
        case .settlement(_, let settledAt): settledAt
        }
    }

    /// The whole record, its frame included.
    var encoded: [UInt8] {
        switch self {
        case .call(let call): CallRecord.encode(call)
        case .settlement(let settlement, let settledAt): SettlementRecord.encode(settlement, settledAt: settledAt)
        }
    }

    /// `nil` for a payload that is not exactly one of a type that is known here.
    static func decode(_ payload: UnsafeRawBufferPointer) -> JournalEntry? {
        switch payload.first {
        case SegmentFormat.RecordType.call: CallRecord.decode(payload).map(JournalEntry.call)
        case SegmentFormat.RecordType.settlement: SettlementRecord.decode(payload)
        default: nil
        }
    }
}
