/// A statement, and who waits for its answer.
struct ConnectionRequest {
    typealias Outcome = Result<PQResultHandle, PostgresError>

    enum Waiter {
        case statement(CheckedContinuation<Outcome, Never>)
        case copy(CopyTransfer)
    }

    let sql: String
    /// `nil` for a script in the simple protocol.
    let parameters: PostgresParameters?
    let deadline: ContinuousClock.Instant?
    let waiter: Waiter

    /// What moves the data of `COPY`; `nil` for any other statement.
    var transfer: CopyTransfer? { if case .copy(let transfer) = waiter { transfer } else { nil } }

    /// To be called once.
    func finish(_ outcome: Outcome) {
        switch waiter {
        case .statement(let continuation): continuation.resume(returning: outcome)
        case .copy(let transfer): transfer.offer(.ended(outcome))
        }
    }
}
