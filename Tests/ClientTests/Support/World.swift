import Foundation
import Logging
import Postgres
import SluiceCore
import SluiceTesting

/// Replicas of the program under test that share a database, and a provider behind them.
struct World: Sendable {
    static let upstreamKey = "sk-upstream-0123456789abcdef"

    /// For replicas, which see no tables.
    let database: String
    let replicas: [ReplicaProcess]
    let upstream: ScriptedUpstream

    /// Where the first replica is.
    var address: String { address(0) }

    func address(_ replica: Int) -> String { "http://127.0.0.1:\(replicas[replica].port)" }

    func sdk(_ maker: SDK.Maker, key: String, replica: Int = 0, retries: Int = 2) -> SDK {
        SDK(maker: maker, address: address(replica), key: key, retries: retries)
    }

    /// What `sluice keys create` makes.
    func key(of user: UserID, _ role: Role = .agent) async throws -> String {
        let said = try await ReplicaProcess.run(
            ["keys", "create", "--user", "\(user)", "--role", role.rawValue], on: database)
        let key = said.split(separator: "\n").first { $0.hasPrefix("sk_sluice_") }
        guard let key else { throw Python.Failure(description: "sluice keys create printed no key: \(said)") }
        return String(key)
    }

    /// A connection of its own for the time of the closure.
    nonisolated(nonsending) func calling<Value>(
        as credential: String?, replica: Int = 0, _ more: [String: String] = [:],
        _ body: nonisolated(nonsending) (Caller) async throws -> Value
    ) async throws -> Value {
        let caller = Caller(port: replicas[replica].port, credential: credential, more)
        let result: Result<Value, any Error>
        do { result = .success(try await body(caller)) } catch { result = .failure(error) }
        await caller.close()
        return try result.get()
    }

    /// The value of one of the counters in `/metrics`, summed over all series whose labels hold the texts.
    func count(_ metric: String, _ labels: String..., replica: Int = 0) async throws -> Int {
        let exposition = try await calling(as: nil, replica: replica) { try await $0.get("/metrics").text }
        return exposition.split(separator: "\n")
            .filter { line in line.hasPrefix(metric + "{") && labels.allSatisfy { line.contains($0) } }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
            .reduce(0) { $0 + Int($1) }
    }
}

/// What replicas of these tests have beyond the ordinary: a gateway, tokens, no limit per address.
func gatewaySettings(_ upstream: ScriptedUpstream, _ more: [String: String] = [:]) -> [String: String] {
    [
        "SLUICE_OPENAI_BASE_URL": upstream.url + "/v1", "SLUICE_OPENAI_API_KEY": World.upstreamKey,
        "SLUICE_ANTHROPIC_BASE_URL": upstream.url, "SLUICE_ANTHROPIC_API_KEY": World.upstreamKey,
        "SLUICE_TRIAGE_MODEL": "scripted", "JWT_SECRET": Token.secret, "RATE_LIMIT_REQUESTS": "0",
    ].merging(more) { $1 }
}

/// Runs replicas with a provider behind them, on a database of their own, for the time of the closure.
///
/// - Parameter settings: one element for each replica: what it has other than ``gatewaySettings(_:_:)``; empty values are
///   taken away.
func withWorld<Value: Sendable>(
    limit: Int = 10_000, window: Int = 3_600, on server: PostgresServer? = nil, _ settings: [[String: String]] = [[:]],
    _ body: @Sendable (World) async throws -> Value
) async throws -> Value {
    let server = if let server { server } else { try await PostgresServer.shared() }
    return try await ScriptedUpstream.withRunning(key: World.upstreamKey) { upstream in
        try await server.withMigratedDatabase { url in
            let options = settings.enumerated().map { index, more in
                ReplicaOptions(
                    limit: limit, window: window, name: "replica-\(index)",
                    settings: gatewaySettings(upstream, more).filter { !$0.value.isEmpty })
            }
            return try await withReplicas(options, on: url) { replicas in
                try await body(World(database: url, replicas: replicas, upstream: upstream))
            }
        }
    }
}

private func withReplicas<Value: Sendable>(
    _ options: [ReplicaOptions], on url: String, _ body: ([ReplicaProcess]) async throws -> Value
) async throws -> Value {
    let starts = options.map { options in Task { try await ReplicaProcess.start(url, options) } }
    var replicas: [ReplicaProcess] = []
    var failure: (any Error)?
    for start in starts {
        do { replicas.append(try await start.value) } catch { failure = error }
    }
    let result: Result<Value, any Error>
    if let failure {
        result = .failure(failure)
    } else {
        do { result = .success(try await body(replicas)) } catch { result = .failure(error) }
    }
    for replica in replicas { await replica.remove() }
    return try result.get()
}

/// Asks until the condition holds, for what nobody signals: whether it did within a time that only a defect exceeds.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let limit = ContinuousClock.now + .seconds(120)
    while ContinuousClock.now < limit {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(20))
    }
    return try await condition()
}
