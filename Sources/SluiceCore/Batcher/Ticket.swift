/// A caller that waits for the answer to one call. Whoever answers first is heard: the batch, the deadline, or the caller itself
/// by going away.
typealias Ticket = Promise<TicketAnswer>

enum TicketAnswer: Sendable {
    case decided(Result<Decision, StoreError>)
    case cancelled
}
