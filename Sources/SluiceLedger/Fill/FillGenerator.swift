import SluiceCore

/// Makes up the calls of day after day, and what becomes of them, in the order of time.
///
/// Everything comes from one stream of random numbers, so the same plan makes the same rows. What one call is like is in
/// `FillGenerator+Calls.swift`.
final class FillGenerator {
    /// A model as rows need it.
    struct Model {
        let model: FillModel
        let name: [UInt8]
        let route: StaticString
        let price: Price?
    }

    /// What the ledger says that a model cost.
    struct Price {
        let id: Int32
        let price: FillModel.Price
    }

    /// The last admissions and settlements keep this far from the end of the history, in microseconds, so that all that
    /// belongs to them lies before it.
    static let marginOfCalls: Int64 = 2_000_000
    static let marginOfSettlements: Int64 = 1_000_000

    let plan: FillPlan
    let models: [Model]
    let end: Int64
    var random: FillRandom
    var users: [FillUser]
    let userTable: AliasTable
    let modelTable: AliasTable
    var retries = EarliestFirst<FillCall>()
    var settlements = EarliestFirst<FillSettlement>()
    var lastCall = Int64.min
    var lastSettled = Int64.min

    /// Of the day under way.
    var callRows = BinaryRows()
    var settlementRows = BinaryRows()
    var refusalRows = BinaryRows()
    var outage: Range<Int64>?
    private var rhythm = DayRhythm()
    private var start: Int64 = 0
    private var length: Int64 = 0
    private var slots = 0
    private var slot = 0
    private var callsAt: Int64 = 0

    /// - Parameter prices: of the plan's models, in their order.
    init(_ plan: FillPlan, prices: [Price?]) {
        self.plan = plan
        models = zip(plan.models, prices).map { model, price in
            Model(
                model: model, name: Array(model.name.utf8),
                route: model.name.hasPrefix("claude") ? "/v1/messages" : "/v1/chat/completions", price: price)
        }
        end = plan.endDay.start.microseconds
        random = FillRandom(seed: plan.seed)
        users = (0..<plan.users).map { FillUser(number: $0, seed: plan.seed) }
        userTable = .zipf(count: plan.users)
        modelTable = AliasTable(weights: plan.models.map(\.share))
    }

    /// Begins the next day.
    func begin(_ day: LedgerDay, calls: Int) {
        callRows = BinaryRows()
        settlementRows = BinaryRows()
        refusalRows = BinaryRows()
        rhythm = DayRhythm()
        start = day.start.microseconds
        length = min(day.end.microseconds, end - Self.marginOfCalls) - start
        (slots, slot) = (calls, 0)
        outage = nextOutage()
        prepareCall()
    }

    /// Goes on until some rows are worth sending.
    ///
    /// - Returns: false when the day is over.
    func advance() -> Bool {
        while !callRows.isFull, !settlementRows.isFull, !refusalRows.isFull {
            let hasCalls = slot < slots
            let limit = hasCalls ? callsAt : min(start + 86_400_000_000, end) - 1
            if let due = settlements.next(until: limit) {
                settle(due.element, at: due.at)
            } else if hasCalls {
                let retry = retries.next(until: callsAt)
                admit(retry?.element ?? newCall(), at: callsAt)
                slot += 1
                prepareCall()
            } else {
                return false
            }
        }
        return true
    }

    /// Moments are drawn in growing order: each call has its equal share of the day's rhythm, and falls somewhere in it.
    private func prepareCall() {
        guard slot < slots else { return }
        let share = rhythm.time(ofShare: (Double(slot) + random.unit()) / Double(slots))
        callsAt = max(start + Int64(share * Double(length)), lastCall + 1)
        lastCall = callsAt
    }

    /// On one day of ten the database is away for three quarters of an hour.
    private func nextOutage() -> Range<Int64>? {
        let begins = start + Int64(random.unit() * 0.9 * Double(length))
        return random.isTrue(with: 0.1) ? begins..<(begins + 45 * 60_000_000) : nil
    }

    private func newCall() -> FillCall {
        FillCall(
            user: Int32(userTable.draw(&random)), model: Int32(modelTable.draw(&random)),
            logicalID: FillID.timed(microseconds: callsAt, &random))
    }
}
