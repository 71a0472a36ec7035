import SluiceCore
import SluiceTesting

/// A memory store of its own for each scenario.
struct MemoryHarness: ContractHarness {
    private let memory: MemoryStore
    private let clock: ManualDatabaseClock

    init() {
        let clock = ManualDatabaseClock(Timestamp(microseconds: 0))
        self.clock = clock
        memory = MemoryStore { clock.now }
    }

    var keepsOldRows: Bool { false }
    var store: any AdmissionStore { memory }

    func setClock(_ time: Timestamp, of users: [UserID]) async throws {
        clock.set(time)
    }

    func insertUnchecked(_ call: Call, at time: Timestamp) async throws {
        memory.insertUnchecked(call, at: time)
    }

    func rows(of user: UserID) async throws -> [ContractRow] {
        memory.rows(of: user).map {
            ContractRow(callID: $0.callID, admittedAt: $0.admittedAt, weight: $0.weight, mode: $0.mode)
        }
    }
}
