import SluiceCore
import SluiceTesting
import Synchronization

extension Settlement {
    static func test(_ user: UserID = .fresh(), call: CallID = .fresh()) throws -> Settlement {
        try Settlement(
            user: user, callID: call, admittedAt: seconds(1), model: "m", usage: TokenUsage(input: 3, output: 4),
            basis: .measured)
    }
}

/// A ledger that asks the test for every answer.
final class ScriptedSettlementLedger: SettlementLedger {
    typealias Answer = Result<[SettlementOutcome], StoreError>

    /// A batch that waits for its answer.
    struct Question: Sendable {
        let settlements: [Settlement]
        private let continuation: CheckedContinuation<Answer, Never>

        fileprivate init(_ settlements: [Settlement], _ continuation: CheckedContinuation<Answer, Never>) {
            self.settlements = settlements
            self.continuation = continuation
        }

        func answer(_ answer: Answer) { continuation.resume(returning: answer) }
        func settleAll() { answer(.success(settlements.map { _ in .settled(cost: 1) })) }
    }

    let questions: AsyncStream<Question>
    private let asking: AsyncStream<Question>.Continuation
    private let count = Mutex(0)

    init() {
        (questions, asking) = AsyncStream.makeStream()
    }

    /// Batches so far.
    var asked: Int { count.withLock { $0 } }

    func settle(
        _ settlements: [Settlement], replica: String?, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [SettlementOutcome] {
        count.withLock { $0 += 1 }
        let answer = await withCheckedContinuation { asking.yield(Question(settlements, $0)) }
        return try answer.get()
    }
}

/// Remembers what it was given, and answers as told.
final class ScriptedSettlementRecorder: SettlementRecorder {
    let outcome = Mutex(RecordOutcome.recorded)
    private let written = Mutex<[Settlement]>([])
    var settlements: [Settlement] { written.withLock { $0 } }

    func record(_ settlement: Settlement, at time: Timestamp) async -> RecordOutcome {
        written.withLock { $0.append(settlement) }
        return outcome.withLock { $0 }
    }
}

/// How settlements ended.
final class SettlementEnds: SettlementMetrics {
    private let ends = Mutex<[SettlementEnd]>([])
    var all: [SettlementEnd] { ends.withLock { $0 } }

    func ended(_ end: SettlementEnd, of settlement: Settlement) { ends.withLock { $0.append(end) } }
}
