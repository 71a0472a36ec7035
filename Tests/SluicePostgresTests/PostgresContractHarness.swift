import Postgres
import SluiceCore
import SluiceTesting

@testable import SluicePostgres

/// A migrated database whose clock is ours, for the contract suite.
struct PostgresContractHarness: ContractHarness {
    /// Which of the schema's paths decides.
    enum Path: String, CaseIterable, CustomStringConvertible {
        /// `admit_user` over the whole ledger.
        case userAnywhere
        /// `admit_batch` of one user over `sluice.near`, or `admit_user` over `sluice.recent`.
        case userRecent
        /// `admit_one` over `sluice.near`, where it takes a call.
        case oneNear
        /// `admit_many` over the whole ledger.
        case manyAnywhere
        /// `admit_many` over `sluice.recent`.
        case manyRecent
        /// `admit_batch` of many users over `sluice.near`, where it takes them.
        case manyNear

        var description: String { rawValue }
    }

    /// A superuser's.
    let database: any PostgresExecutor
    let store: any AdmissionStore

    /// - Parameters:
    ///   - connection: decides.
    ///   - owner: sets the clock and looks at rows.
    init(_ path: Path, on connection: any PostgresExecutor, owner: any PostgresExecutor) async throws {
        database = owner
        let plain = PostgresStore(database: connection, replica: "contract")
        switch path {
        case .userAnywhere, .userRecent: store = plain
        case .oneNear: store = PromptStore(store: plain)
        case .manyAnywhere, .manyRecent: store = CompanyStore(store: plain, weight: 0)
        case .manyNear: store = CompanyStore(store: plain, weight: 1)
        }
        try await database.query("CREATE TABLE public.contract_clock AS SELECT \(baseTime) AS at")
        try await database.query("GRANT SELECT ON public.contract_clock TO sluice_owner")
        try await database.query(
            """
            CREATE OR REPLACE FUNCTION sluice.clock() RETURNS timestamptz LANGUAGE sql VOLATILE
            AS 'SELECT at FROM public.contract_clock'
            """)
        if path != .userAnywhere, path != .manyAnywhere {
            try await database.query("SELECT sluice.cover_recent('24 hours')")
        }
    }

    func setClock(_ time: Timestamp, of users: [UserID]) async throws {
        try await database.query("UPDATE public.contract_clock SET at = \(time)")
    }

    func insertUnchecked(_ call: Call, at time: Timestamp) async throws {
        try await database.query("SELECT sluice.ensure_partitions((\(time) AT TIME ZONE 'UTC')::date)")
        try await database.query(
            """
            INSERT INTO sluice.calls (user_id, admitted_at, call_id, weight, policy_id, mode, id_supplied)
            VALUES (\(call.user), \(time), \(call.id), \(call.weight), 1, 'unchecked', true)
            """)
    }

    func rows(of user: UserID) async throws -> [ContractRow] {
        let result = try await database.query(
            """
            SELECT call_id, admitted_at, weight, mode FROM sluice.calls WHERE user_id = \(user) ORDER BY admitted_at
            """)
        return try result.map { row in
            ContractRow(
                callID: try row.decode(at: 0), admittedAt: try row.decode(at: 1), weight: try row.decode(at: 2),
                mode: AdmissionMode(rawValue: try row.decode(at: 3)) ?? .unchecked)
        }
    }
}

/// Asks without waiting first.
struct PromptStore: AdmissionStore {
    let store: PostgresStore

    func admit(
        _ calls: [Call], under policy: Policy, waitingForLocks: Bool, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [Result<Decision, StoreError>] {
        guard calls.count == 1 else {
            return try await store.admit(calls, under: policy, waitingForLocks: waitingForLocks, deadline: deadline)
        }
        let answers = try await store.admit(calls, under: policy, waitingForLocks: false, deadline: deadline)
        guard waitingForLocks, answers.contains(.failure(.busy)) else { return answers }
        return try await store.admit(calls, under: policy, waitingForLocks: true, deadline: deadline)
    }

    func peek(
        _ user: UserID, weight: Int64, under policy: Policy, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> Peek {
        try await store.peek(user, weight: weight, under: policy, deadline: deadline)
    }

    func probe(deadline: ContinuousClock.Instant) async throws(StoreError) {
        try await store.probe(deadline: deadline)
    }
}

/// Sends every batch with a call of somebody else, so that it is one of many users.
struct CompanyStore: AdmissionStore {
    let store: PostgresStore
    /// Of the other call; 0 only looks, which `admit_batch` leaves to `admit_many`.
    let weight: Int64

    func admit(
        _ calls: [Call], under policy: Policy, waitingForLocks: Bool, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [Result<Decision, StoreError>] {
        guard let company = try? Call(user: .fresh(), id: .fresh(), weight: weight) else { return [] }
        return Array(
            try await store.admit(
                calls + [company], under: policy, waitingForLocks: waitingForLocks, deadline: deadline
            ).dropLast())
    }

    func peek(
        _ user: UserID, weight: Int64, under policy: Policy, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> Peek {
        try await store.peek(user, weight: weight, under: policy, deadline: deadline)
    }

    func probe(deadline: ContinuousClock.Instant) async throws(StoreError) {
        try await store.probe(deadline: deadline)
    }
}
