import SluiceCore
import SluiceTesting
import Testing

@Suite("MemoryLedger")
struct MemoryLedgerTests {
    @Test("idle users are swept while others call")
    func sweep() throws {
        let policy = try Policy.test((5, .seconds(10)))
        var ledger = MemoryLedger(idMemory: .zero)
        for _ in 0..<500 { _ = ledger.admit([try .test()], under: policy, clock: seconds(0)) }
        #expect(ledger.userCount == 500)
        let regular = UserID.fresh()
        for index in 0..<300 as Range<Int64> {
            _ = ledger.admit([try .test(regular)], under: policy, clock: seconds(100 + index * 11))
        }
        #expect(ledger.userCount == 1)
        #expect(ledger.rowCount == ledger.rows(of: regular).count)
    }

    @Test("a replayed answer keeps its windows as long as its id is known")
    func replayHorizon() throws {
        let policy = try Policy.test((5, .seconds(10)))
        var ledger = MemoryLedger()
        let (user, id) = (UserID.fresh(), CallID.fresh())
        _ = ledger.admit([try .test(user)], under: policy, clock: seconds(0))
        let first = ledger.admit([try .test(user, id: id)], under: policy, clock: seconds(9))[0].admission
        let late = ledger.admit([try .test(user, id: id)], under: policy, clock: seconds(86_400 + 8))[0].admission
        #expect(late?.isReplay == true)
        #expect(late?.windows == first?.windows)
        _ = ledger.admit([try .test(user)], under: policy, clock: seconds(86_400 + 11))
        #expect(ledger.rows(of: user).count == 2, "the first row is needed no more")
    }

    @Test("rows never exceed the maximum by more than the calls of one batch")
    func maximumRows() throws {
        let policy = try Policy.test((1_000, .seconds(3_600)))
        var ledger = MemoryLedger(idMemory: .zero, maximumRows: 100)
        for index in 0..<1_000 as Range<Int64> {
            _ = ledger.admit([try .test(), try .test()], under: policy, clock: seconds(index / 10))
            #expect(ledger.rowCount <= 102)
        }
    }
}
