/// One admitted call as the rule sees it: the columns of the ledger that decide.
package struct LedgerRow: Hashable, Sendable {
    package let callID: CallID
    package let isIDSupplied: Bool
    package let admittedAt: Timestamp
    package let weight: Int64
    /// `nil` for an unchecked row: it came in out of order, so no total runs through it.
    package let total: RunningTotal?

    package init(call: Call, admittedAt: Timestamp, total: RunningTotal?) {
        callID = call.id
        isIDSupplied = call.isIDSupplied
        self.admittedAt = admittedAt
        weight = call.weight
        self.total = total
    }

    package var mode: AdmissionMode { total == nil ? .unchecked : .enforced }
}

/// The sum of weights of a user's enforced rows up to and including one of them.
package struct RunningTotal: Hashable, Sendable {
    package let value: Int64
    /// When the first row of this sum was admitted. Two rows of one user belong to one sum exactly if this is equal.
    package let since: Timestamp

    package init(value: Int64, since: Timestamp) {
        self.value = value
        self.since = since
    }
}
