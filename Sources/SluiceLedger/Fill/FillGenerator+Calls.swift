// What one call is like, and the rows that it makes.

extension FillGenerator {
    private static let replicas: [StaticString] = ["fill-1", "fill-2", "fill-3"]
    private static let lease: Int64 = 600_000_000
    private static let longestAnswer: Int64 = 4_096

    func admit(_ call: FillCall, at time: Int64) {
        let id = FillID.timed(microseconds: time, &random)
        let weight: Int64 = random.isTrue(with: 0.03) ? Int64(2 + random.below(9)) : 1
        let isUnchecked = outage?.contains(time) ?? false
        let isSettled = random.isTrue(with: plan.settled)
        let model = models[Int(call.model)].model
        let replica = random.below(Self.replicas.count)
        let tokens = tokens(of: model)
        if !isUnchecked { users[Int(call.user)].count(weight, at: time) }
        let fails = random.isTrue(with: 0.015)
        // Set aside before anything is known: a rough count of the question, and the longest answer allowed.
        let reserved = FillTokens(input: tokens.input + tokens.input / 8 + 1, output: Self.longestAnswer)
        write(call, id, at: time, weight, isUnchecked: isUnchecked, reserved: isSettled ? reserved : nil, replica)
        if fails, call.attempt < 3 {
            var again = call
            again.attempt += 1
            retries.insert(again, at: time + 500_000 + Int64(random.unit() * 10_000_000))
        }
        if isSettled {
            schedule(
                FillSettlement(
                    user: call.user, model: call.model, replica: Int32(replica), call: id, admittedAt: time,
                    tokens: fails ? FillTokens() : tokens, basis: "measured", status: fails ? 529 : 200),
                reserved: reserved, median: model.medianMilliseconds)
        }
        if random.isTrue(with: 0.003) { refuse(call.user, at: time, replica) }
    }

    private func tokens(of model: FillModel) -> FillTokens {
        let input = Int64(random.skewed(median: model.medianInput, spread: 0.9)) + 1
        let output = min(Int64(random.skewed(median: model.medianOutput, spread: 0.8)) + 1, Self.longestAnswer)
        var tokens = FillTokens(input: input, output: output)
        if random.isTrue(with: 0.4) { tokens.cached = Int64(Double(input) * 0.9 * random.unit()) }
        if random.isTrue(with: 0.05) { tokens.cacheWrite = (input - tokens.cached) / 2 }
        tokens.reasoning = Int64(Double(output) * model.reasoning * random.unit())
        return tokens
    }

    /// Most are settled when the answer has gone through; a few when the client has left, or at the end of their lease.
    private func schedule(_ settlement: FillSettlement, reserved: FillTokens, median: Double) {
        var settlement = settlement
        let price = models[Int(settlement.model)].price?.price
        var takes = Int64(random.skewed(median: median, spread: 0.6) * 1_000)
        settlement.milliseconds = takes / 1_000
        let kind = random.unit()
        if kind < 0.004 {
            if kind < 0.002 { settlement.late = settlement.tokens }
            (settlement.tokens, settlement.basis) = (reserved, "expired")
            (settlement.status, settlement.milliseconds) = (nil, nil)
            takes = Self.lease + Int64(random.unit() * 30_000_000)
        } else if kind < 0.016 {
            settlement.basis = "drained"
        } else if kind < 0.036 {
            settlement.basis = "estimated"
        } else if kind < 0.1 {
            settlement.basis = "reported"
        }
        settlement.cost = settlement.tokens.cost(price)
        schedule(settlement, at: settlement.admittedAt + takes)
    }

    /// What would be settled while the database is away comes soon after.
    private func schedule(_ settlement: FillSettlement, at time: Int64) {
        var time = time
        if let outage, outage.contains(time) { time = outage.upperBound + Int64(random.unit() * 60_000_000) }
        settlements.insert(settlement, at: min(time, end - Self.marginOfSettlements))
    }

    func settle(_ settlement: FillSettlement, at time: Int64) {
        let time = max(time, lastSettled + 1)
        lastSettled = time
        let user = Int(settlement.user)
        users[user].settle(
            input: settlement.tokens.input, output: settlement.tokens.output, cost: settlement.cost, at: time)
        write(settlement, at: time, users[user])
        if let late = settlement.late {
            var correction = settlement
            correction.late = nil
            correction.tokens = late - settlement.tokens
            correction.cost = settlement.cost.flatMap { old in
                late.cost(models[Int(settlement.model)].price?.price).map { $0 - old }
            }
            (correction.basis, correction.isCorrection, correction.status) = ("measured", true, 200)
            schedule(correction, at: time + 60_000_000 + Int64(random.unit() * 3_600_000_000))
        }
    }

    // MARK: Rows

    static let callColumns = """
        user_id, admitted_at, call_id, weight, running_total, total_since, policy_id, mode, id_supplied, route, model, \
        replica, logical_id, attempt, reserved_input, reserved_output, reserved_cost
        """

    private func write(
        _ call: FillCall, _ id: (UInt64, UInt64), at time: Int64, _ weight: Int64, isUnchecked: Bool,
        reserved: FillTokens?, _ replica: Int
    ) {
        let user = users[Int(call.user)]
        let model = models[Int(call.model)]
        callRows.begin(columns: 17)
        callRows.field(user.id)
        callRows.field(time: time)
        callRows.field(id)
        callRows.field(weight)
        if isUnchecked {
            callRows.null()
            callRows.null()
        } else {
            callRows.field(user.total)
            callRows.field(time: user.totalSince)
        }
        callRows.field(Int32(1))
        callRows.field(isUnchecked ? "unchecked" : "enforced")
        callRows.field(random.isTrue(with: 0.02))
        callRows.field(model.route)
        callRows.field(model.name)
        callRows.field(Self.replicas[replica])
        callRows.field(call.logicalID)
        callRows.field(call.attempt)
        callRows.field(reserved?.input)
        callRows.field(reserved?.output)
        callRows.field(reserved?.cost(model.price?.price))
    }

    static let settlementColumns = """
        user_id, settled_at, call_id, admitted_at, model, input_tokens, cached_tokens, cache_write_tokens, \
        output_tokens, reasoning_tokens, cost_nanousd, price_id, basis, is_correction, status, duration_ms, replica, \
        input_total, output_total, cost_total, total_since
        """

    private func write(_ settlement: FillSettlement, at time: Int64, _ user: FillUser) {
        let model = models[Int(settlement.model)]
        settlementRows.begin(columns: 21)
        settlementRows.field(user.id)
        settlementRows.field(time: time)
        settlementRows.field(settlement.call)
        settlementRows.field(time: settlement.admittedAt)
        settlementRows.field(model.name)
        settlementRows.field(settlement.tokens.input)
        settlementRows.field(settlement.tokens.cached)
        settlementRows.field(settlement.tokens.cacheWrite)
        settlementRows.field(settlement.tokens.output)
        settlementRows.field(settlement.tokens.reasoning)
        settlementRows.field(settlement.cost)
        if let price = model.price { settlementRows.field(price.id) } else { settlementRows.null() }
        settlementRows.field(settlement.basis)
        settlementRows.field(settlement.isCorrection)
        if let status = settlement.status { settlementRows.field(status) } else { settlementRows.null() }
        settlementRows.field(settlement.milliseconds)
        settlementRows.field(Self.replicas[Int(settlement.replica)])
        settlementRows.field(user.inputTotal)
        settlementRows.field(user.outputTotal)
        settlementRows.field(user.costTotal)
        settlementRows.field(time: user.settledSince)
    }

    static let refusalColumns = "user_id, minute, policy_id, refused, replica, recorded_at"

    private func refuse(_ user: Int32, at time: Int64, _ replica: Int) {
        let minute = time - time % 60_000_000
        refusalRows.begin(columns: 6)
        refusalRows.field(users[Int(user)].id)
        refusalRows.field(time: minute)
        refusalRows.field(Int32(1))
        refusalRows.field(Int64(1 + random.below(40)))
        refusalRows.field(Self.replicas[replica])
        refusalRows.field(time: min(minute + 75_000_000, end - 1))
    }
}
