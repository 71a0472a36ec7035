import SluiceCore

/// One user before a store whose clock is ours.
struct ContractWorld {
    let harness: any ContractHarness
    let user = UserID.fresh()

    init(_ harness: any ContractHarness) async throws {
        self.harness = harness
        try await setClock(.zero)
    }

    /// The instant `offset` after the harness's base time.
    func time(_ offset: Duration) -> Timestamp { harness.baseTime.advanced(by: offset) }

    func setClock(_ offset: Duration) async throws {
        try await harness.setClock(time(offset), of: [user])
    }

    func call(_ weight: Int64 = 1, id: CallID? = nil) throws -> Call {
        try Call(user: user, id: id ?? .fresh(), isIDSupplied: id != nil, weight: weight)
    }

    func admit(_ calls: [Call], under policy: Policy) async throws -> [Decision] {
        let results = try await harness.store.admit(calls, under: policy, deadline: .now + .seconds(60))
        try expect(results.count, calls.count, "answers")
        return try results.map { try $0.get() }
    }

    func admit(_ call: Call, under policy: Policy) async throws -> Decision {
        guard let decision = try await admit([call], under: policy).first else { throw ContractViolation("no answer") }
        return decision
    }

    func admission(_ call: Call, under policy: Policy) async throws -> Admission {
        try await admit(call, under: policy).admission()
    }

    func peek(weight: Int64 = 1, under policy: Policy) async throws -> Peek {
        try await harness.store.peek(user, weight: weight, under: policy, deadline: .now + .seconds(60))
    }

    func expectRows(_ count: Int) async throws {
        try expect(try await harness.rows(of: user).count, count, "rows in the ledger")
    }
}

/// - Throws: ``ContractViolation`` unless both are equal.
func expect<T: Equatable>(_ found: T, _ expected: T, _ what: @autoclosure () -> String) throws {
    guard found == expected else {
        throw ContractViolation("\(what()): expected \(expected), found \(found)")
    }
}

extension Decision {
    func admission() throws -> Admission {
        guard case .admitted(let admission) = self else { throw ContractViolation("expected an admission: \(self)") }
        return admission
    }

    func refusal() throws -> Refusal {
        guard case .refused(let refusal) = self else { throw ContractViolation("expected a refusal: \(self)") }
        return refusal
    }

    var windows: [WindowState] {
        switch self {
        case .admitted(let admission): admission.windows
        case .refused(let refusal): refusal.windows
        case .neverFits(let never): never.windows
        }
    }
}

extension Policy {
    /// Windows of these limits and lengths, for a test that knows them to be right.
    static func test(_ windows: (limit: Int64, length: Duration)...) throws -> Policy {
        try Policy(
            name: "test",
            windows: windows.enumerated().map { try Window(name: "w\($0)", limit: $1.limit, length: $1.length) })
    }
}
