public import Postgres
public import SluiceCore

/// Counts calls in PostgreSQL, through the functions of the schema `sluice`.
///
/// Every method is one statement in one implicit transaction, so it works behind a pooler in transaction mode.
public struct PostgresStore: Sendable {
    private let database: any PostgresExecutor
    /// What the ledger's column `replica` says of the rows that are added here.
    let replica: String?
    private let admitOne = NewerFunction()
    private let admitBatch = NewerFunction()

    /// - Parameters:
    ///   - database: a pool; a single connection for tools.
    ///   - replica: names this process in the ledger.
    public init(database: any PostgresExecutor, replica: String? = nil) {
        self.database = database
        self.replica = replica
    }
}

extension PostgresStore: AdmissionStore {
    public func admit(
        _ calls: [Call], under policy: Policy, waitingForLocks: Bool, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [Result<Decision, StoreError>] {
        guard let first = calls.first else { return [] }
        if calls.count == 1, !first.isIDSupplied, policy.windows.count == 1, !waitingForLocks,
            let result = try await admitOne(first, under: policy, deadline)
        {
            return [result]
        }
        if policy.windows.count == 1, !calls.contains(where: \.isIDSupplied),
            let results = try await admitBatch(calls, under: policy, waits: waitingForLocks, deadline)
        {
            return results
        }
        if calls.allSatisfy({ $0.user == first.user }) {
            return try await admit(calls, of: first.user, under: policy, waits: waitingForLocks, deadline)
        }
        let rows = try await run(AdmitMany(calls: calls, policy: policy, replica: replica), deadline)
        var results = results(of: rows, on: calls, under: policy)
        let undecided = rows.filter { $0.outcome == .undecided || ($0.outcome == .busy && waitingForLocks) }
        await decide(
            undecided.map(\.position), of: calls, under: policy, waits: waitingForLocks, deadline, in: &results)
        return results
    }

    public func peek(
        _ user: UserID, weight: Int64, under policy: Policy, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> Peek {
        let rows = try await run(PeekUser(user: user, weight: weight, policy: policy), deadline)
        guard let row = rows.first, let at = row.decidedAt else { throw .incomplete }
        let admissibleAt = row.outcome == .neverFits ? nil : row.retryAt ?? at
        return Peek(user: user, at: at, policy: policy, windows: row.states(policy), admissibleAt: admissibleAt)
    }

    public func probe(deadline: ContinuousClock.Instant) async throws(StoreError) {
        guard let answer = try await run(Probe(), deadline).first else { throw .incomplete }
        guard !answer.isReadOnly else { throw .readOnly }
        guard answer.mayAdmit else { throw .forbidden }
    }
}

extension PostgresStore {
    private func admit(
        _ calls: [Call], of user: UserID, under policy: Policy, waits: Bool, _ deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [Result<Decision, StoreError>] {
        let statement = AdmitUser(user: user, calls: calls, policy: policy, replica: replica, waits: waits)
        return results(of: try await run(statement, deadline), on: calls, under: policy)
    }

    /// The shortest way, without waiting for the user's lock; `nil` where the schema does not have it yet.
    private func admitOne(
        _ call: Call, under policy: Policy, _ deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> Result<Decision, StoreError>? {
        let statement = AdmitOne(call: call, policy: policy, replica: replica)
        guard let rows = try await run(statement, admitOne, deadline) else { return nil }
        return results(of: rows, on: [call], under: policy)[0]
    }

    /// The short way for a batch; `nil` where the schema does not have it yet.
    private func admitBatch(
        _ calls: [Call], under policy: Policy, waits: Bool, _ deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [Result<Decision, StoreError>]? {
        let statement = AdmitBatch(calls: calls, policy: policy, replica: replica, waits: waits)
        guard let groups = try await run(statement, admitBatch, deadline) else { return nil }
        var results = [Result<Decision, StoreError>](repeating: .failure(.incomplete), count: calls.count)
        var undecided: [Int] = []
        // A batch of one user has waited already.
        let asksBusy = waits && calls.contains { $0.user != calls[0].user }
        for group in groups {
            for index in 0..<group.count {
                let position = group.position(of: index)
                guard calls.indices.contains(position) else { continue }
                if let decision = group.decision(index, on: calls[position], under: policy) {
                    results[position] = .success(decision)
                } else if group.outcome == .undecided || (group.outcome == .busy && asksBusy) {
                    undecided.append(position)
                } else if group.outcome == .busy {
                    results[position] = .failure(.busy)
                }
            }
        }
        await decide(undecided, of: calls, under: policy, waits: waits, deadline, in: &results)
        return results
    }

    /// Asks anew about calls that need a closer look, user by user.
    private func decide(
        _ positions: [Int], of calls: [Call], under policy: Policy, waits: Bool, _ deadline: ContinuousClock.Instant,
        in results: inout [Result<Decision, StoreError>]
    ) async {
        for (user, positions) in Dictionary(grouping: positions, by: { calls[$0].user }) {
            let answers = await admitAlone(
                positions.map { calls[$0] }, of: user, under: policy, waits: waits, deadline)
            for (position, answer) in zip(positions, answers) { results[position] = answer }
        }
    }

    /// As above, but a failure is that of these calls alone: the others of their batch are decided.
    private func admitAlone(
        _ calls: [Call], of user: UserID, under policy: Policy, waits: Bool, _ deadline: ContinuousClock.Instant
    ) async -> [Result<Decision, StoreError>] {
        do throws(StoreError) {
            return try await admit(calls, of: user, under: policy, waits: waits, deadline)
        } catch {
            return calls.map { _ in .failure(error) }
        }
    }

    private func results(
        of rows: [DecisionRow], on calls: [Call], under policy: Policy
    ) -> [Result<Decision, StoreError>] {
        var results = [Result<Decision, StoreError>](repeating: .failure(.incomplete), count: calls.count)
        for row in rows where calls.indices.contains(row.position) {
            if let decision = row.decision(on: calls[row.position], under: policy) {
                results[row.position] = .success(decision)
            } else if row.outcome == .busy {
                results[row.position] = .failure(.busy)
            }
        }
        return results
    }

    /// Asks a function that a later migration brings; `nil` where the schema does not have it yet.
    private func run<Statement: PostgresStatement>(
        _ statement: Statement, _ function: NewerFunction, _ deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [Statement.Row]? {
        guard function.isWorthAsking else { return nil }
        do throws(PostgresError) {
            return try await database.run(statement, deadline: deadline)
        } catch  where error.sqlState == .undefinedFunction {
            function.isMissing()
            return nil
        } catch {
            throw StoreError(error)
        }
    }

    func run<Statement: PostgresStatement>(
        _ statement: Statement, _ deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [Statement.Row] {
        do throws(PostgresError) {
            return try await database.run(statement, deadline: deadline)
        } catch {
            throw StoreError(error)
        }
    }
}

extension StoreError {
    /// The schema answered less than one decision per call.
    static let incomplete = StoreError(.schema, "the schema's answer lacks a part: migrate, or update this program")
    /// A standby, or a server told to refuse writes.
    static let readOnly = StoreError(.unavailable, "the server is read-only")
    /// The role may not execute what decides.
    static let forbidden = StoreError(.schema, "the role may not execute sluice.admit_user: grant it")
    /// Nothing was decided, because another transaction holds the user's lock.
    static let busy = StoreError(.contended, "another transaction holds the user's lock")
}
