import SluiceCore
import SluiceTesting
import Testing

/// The judge finds what it is there to find.
@Suite struct ReconciliationTests {
    private let user = UserID.fresh()
    private let start = Timestamp(microseconds: 1_768_478_400_000_000)

    private func record(
        _ id: CallID?, _ outcome: CallRecord.Outcome, weight: Int64 = 1, supplied: Bool = false
    ) -> CallRecord {
        let now = ContinuousClock.now
        return CallRecord(
            user: user, weight: weight, id: id, isIDSupplied: supplied, outcome: outcome, sentAt: start,
            receivedAt: start.advanced(by: .milliseconds(5)), began: now, ended: now)
    }

    private func row(
        _ id: CallID, weight: Int64 = 1, after: Duration = .milliseconds(2), isUnchecked: Bool = false
    ) -> LedgerRow {
        LedgerRow(
            user: user, callID: id, at: start.advanced(by: after), weight: weight, isUnchecked: isUnchecked)
    }

    private func judge(_ records: [CallRecord], _ rows: [LedgerRow], limit: Int64 = 10) throws -> Reconciliation {
        Reconciliation(records, rows, window: try Window(name: "default", limit: limit, length: .seconds(60)))
    }

    @Test func allIsWell() throws {
        let ids = (0..<4).map { _ in CallID.fresh() }
        let found = try judge(
            [
                record(ids[0], .enforced), record(ids[1], .unchecked), record(ids[2], .unchecked),
                record(ids[3], .unanswered, supplied: true), record(nil, .unanswered), record(.fresh(), .refused),
                record(ids[3], .enforced, supplied: true),
            ],
            [
                row(ids[0]), row(ids[1], isUnchecked: true), row(ids[2]), row(ids[3]), row(.fresh()),
            ])
        #expect(found.lost.isEmpty && found.doubled.isEmpty && found.wrong.isEmpty && found.unfounded.isEmpty)
        #expect(found.mistimed.isEmpty && found.overfull.isEmpty)
        #expect(found.unheard == 1 && found.committedLate == 1)
    }

    @Test func somethingIsWrong() throws {
        let id = CallID.fresh()
        #expect(try judge([record(id, .enforced)], []).lost == [id])
        #expect(try judge([record(id, .unchecked)], [row(id), row(id, isUnchecked: true)]).doubled == [id])
        #expect(try judge([record(id, .enforced)], [row(id, weight: 2)]).wrong.count == 1)
        #expect(try judge([record(id, .refused)], [row(id)]).unfounded.count == 1)
        #expect(try judge([record(nil, .refused)], [row(id)]).unfounded.count == 1)
        #expect(
            try judge([record(id, .unchecked)], [row(id, after: .seconds(2), isUnchecked: true)]).mistimed.count == 1)
        #expect(try judge([record(id, .enforced, weight: 11)], [row(id, weight: 11)]).overfull.count == 1)
    }
}
