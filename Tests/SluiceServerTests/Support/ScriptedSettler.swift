import SluiceCore
import Synchronization

/// A settler that answers as the test says and remembers what it was told.
final class ScriptedSettler: Settler {
    private let answer: Result<SettlementReceipt, LimiterError>
    private let told = Mutex<[Settlement]>([])

    init(_ receipt: SettlementReceipt) { answer = .success(receipt) }
    init(failing error: LimiterError) { answer = .failure(error) }

    var settlements: [Settlement] { told.withLock { $0 } }

    func settle(_ settlement: Settlement) async throws(LimiterError) -> SettlementReceipt {
        told.withLock { $0.append(settlement) }
        return try answer.get()
    }
}
