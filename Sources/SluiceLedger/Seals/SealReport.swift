/// What was found when seals were compared with the ledger.
public struct SealReport: Hashable, Sendable {
    /// Of the whole chain.
    public internal(set) var seals = 0
    /// The newest `chain`; `nil` without seals.
    public internal(set) var head: String?
    /// Days whose rows were read.
    public internal(set) var days = 0
    /// Rows that were read.
    public internal(set) var rows = 0
    /// Everything that is not as it was sealed; empty when all is well.
    public internal(set) var problems: [SealProblem] = []
    /// Sealed days whose rows, of one table at least, retention says it has taken, and of which none is there: only the
    /// chain speaks of them.
    public internal(set) var goneDays: [LedgerDay] = []
    /// Days that hold rows, or may, and have no seal yet.
    public internal(set) var unsealedDays: [LedgerDay] = []
    /// Unchecked calls that came to sealed days, or to days before them, and wait for an amendment.
    public internal(set) var waiting: [LedgerDay: Int] = [:]

    public init() {}
}
