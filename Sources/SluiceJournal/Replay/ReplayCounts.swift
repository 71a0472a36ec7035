public import SluiceCore

/// What became of calls and settlements that were brought to the ledger.
public struct ReplayCounts: Hashable, Sendable {
    /// Their rows were added.
    public var recorded = 0
    /// How many of ``recorded`` are settlements.
    public var settlements = 0
    /// The ledger held them.
    public var known = 0
    /// To be brought again.
    public var busy = 0
    /// The ledger never takes them; they are in a segment that was set aside.
    public var rejected = 0
    /// The last time that the ledger could not take a batch.
    public var failure: StoreError?

    public init() {}

    static func += (left: inout ReplayCounts, right: ReplayCounts) {
        left.recorded += right.recorded
        left.settlements += right.settlements
        left.known += right.known
        left.busy += right.busy
        left.rejected += right.rejected
        left.failure = right.failure ?? left.failure
    }
}

extension ReplayCounts {
    /// - Parameter fates: final ones: a settlement without a call was rejected or is busy.
    init(_ fates: [LedgerCourier.Fate]) {
        for fate in fates {
            switch fate {
            case .recorded: recorded += 1
            case .settled:
                recorded += 1
                settlements += 1
            case .known: known += 1
            case .busy: busy += 1
            case .rejected, .noCall: rejected += 1
            }
        }
    }
}
