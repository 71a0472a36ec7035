/// A statement, and who waits for its answer.
struct ConnectionRequest {
    typealias Outcome = Result<PQResultHandle, PostgresError>

    let sql: String
    /// `nil` for a script in the simple protocol.
    let parameters: PostgresParameters?
    let deadline: ContinuousClock.Instant?
    let continuation: CheckedContinuation<Outcome, Never>
}
