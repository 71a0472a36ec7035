import Synchronization

/// Brings settlements to the ledger, many in one transaction, and to the journal where the ledger does not take them in time.
///
/// While the breaker is not closed the ledger is not asked. What fails here opens no breaker. A caller that is cancelled changes
/// nothing: the settlement goes on.
public final class SettlementPath: Settler {
    typealias Ticket = Promise<Result<SettlementOutcome, StoreError>>
    typealias Queue = SettlementQueue<Ticket>

    private static let closed = StoreError(.closed, "settling was shut down")

    public let settings: SettlementSettings
    let courier: SettlementCourier
    let breaker: CircuitBreaker
    let queue: Mutex<Queue>
    /// Something arrived or came back.
    let events: AsyncStream<Void>
    let happened: AsyncStream<Void>.Continuation
    /// The first settlement arrived.
    let arrivals: AsyncStream<Void>
    let arrived: AsyncStream<Void>.Continuation
    private let recorder: any SettlementRecorder
    private let clock: LedgerClock
    private let metrics: any SettlementMetrics

    /// - Parameters:
    ///   - replica: who settles, for the ledger.
    ///   - clock: tells when what goes to the journal was settled.
    ///   - recorder: keeps what the ledger does not take.
    public init(
        ledger: any SettlementLedger, replica: String? = nil, breaker: CircuitBreaker, clock: LedgerClock,
        recorder: any SettlementRecorder = NoRecorder(), settings: SettlementSettings = SettlementSettings(),
        metrics: any SettlementMetrics = NoMetrics()
    ) {
        self.settings = settings
        self.breaker = breaker
        self.recorder = recorder
        self.clock = clock
        self.metrics = metrics
        courier = SettlementCourier(ledger: ledger, replica: replica, metrics: metrics)
        queue = Mutex(Queue(maximumBatch: settings.maximumBatch, concurrency: settings.concurrency))
        (events, happened) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (arrivals, arrived) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// - Throws: ``LimiterError/unavailable(_:retryAfter:)``: with ``StoreError/Kind/rejected`` when the ledger never takes it,
    ///   else when neither ledger nor journal took it.
    public func settle(_ settlement: Settlement) async throws(LimiterError) -> SettlementReceipt {
        switch await ask(settlement) {
        case .success(.settled(let cost)):
            metrics.ended(.settled(cost: cost), of: settlement)
            return .settled(cost: cost)
        case .success(.corrected(let cost)):
            metrics.ended(.corrected(cost: cost), of: settlement)
            return .settled(cost: cost)
        case .success(.known):
            metrics.ended(.known, of: settlement)
            return .known
        case .success(.noCall):
            metrics.ended(.noCall, of: settlement)
            return .noCall
        case .success(.busy): return try await journal(settlement, cause: .userBusy)
        case .failure(let error):
            guard error.kind != .rejected else {
                metrics.ended(.failed, of: settlement)
                throw .unavailable(error, retryAfter: nil)
            }
            return try await journal(settlement, cause: error)
        }
    }

    /// Brings what arrives to the ledger until ``shutdown()``, and then what is here; or until the task is cancelled, from when on
    /// everything goes to the journal. Called once; what arrives before it waits for it.
    public func run() async {
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.keepDeadlines() }
                await bringAll()
                group.cancelAll()
            }
        } onCancel: {
            close()
        }
        close()
    }

    /// Takes nothing more from its callers to the ledger, and lets ``run()`` return when what is here is there.
    public func shutdown() {
        queue.withLock { $0.drain() }
        happened.yield()
    }

    private func ask(_ settlement: Settlement) async -> Result<SettlementOutcome, StoreError> {
        if let cause = breaker.refusal { return .failure(cause) }
        let ticket = Ticket()
        let entry = Queue.Entry(settlement: settlement, deadline: .now + settings.timeout, token: ticket)
        let (isTaken, isFirst) = queue.withLock { queue in
            let isFirst = queue.nextDeadline == nil
            return (queue.arrived(entry), isFirst)
        }
        guard isTaken else { return .failure(Self.closed) }
        if isFirst { arrived.yield() }
        happened.yield()
        return await withCheckedContinuation { ticket.wait($0) }
    }

    private func journal(
        _ settlement: Settlement, cause: StoreError
    ) async throws(LimiterError) -> SettlementReceipt {
        switch await recorder.record(settlement, at: clock.now().time) {
        case .recorded:
            metrics.ended(.journaled, of: settlement)
            return .journaled
        case .lost:
            metrics.ended(.failed, of: settlement)
            throw .unavailable(cause, retryAfter: breaker.retryAfter)
        case .refused(let error):
            metrics.ended(.failed, of: settlement)
            throw .unavailable(error, retryAfter: breaker.retryAfter)
        }
    }

    private func close() {
        let tickets = queue.withLock { $0.close() }
        happened.yield()
        tickets.forEach { $0.keep(.failure(Self.closed)) }
    }
}

extension StoreError {
    static let userBusy = StoreError(.contended, "another transaction holds the lock on the user's settlements")
}
