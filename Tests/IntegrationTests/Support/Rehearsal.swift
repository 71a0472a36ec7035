import Postgres
import SluiceCore
import SluiceTesting
import Testing

/// A release: two replicas of it admit calls under load while somebody migrates their database.
///
/// It proves that no caller notices: no error, no refusal without need, each call one row, none of them unchecked.
struct Rehearsal {
    static let limit = 6
    /// Seconds.
    static let length = 2
    private static let clients = 8

    /// Of the role that migrates.
    let url: String
    let load = SteadyLoad()
    private var steps: [(name: String, start: Timestamp, end: Timestamp)] = []

    /// Runs the closure under load, and judges what callers heard when it is over.
    ///
    /// - Parameters:
    ///   - name: for the figures that are printed.
    ///   - role: what replicas connect as.
    nonisolated(nonsending) static func run(
        _ name: String, on url: String, as role: TestRole,
        _ body: nonisolated(nonsending) (inout Rehearsal) async throws -> Void
    ) async throws {
        let options = ["a", "b"].map {
            // Long enough that a machine that stands still is no outage; what a step takes is reported.
            ReplicaOptions(
                limit: limit, window: length, name: $0,
                settings: ["SLUICE_MIGRATE": "off", "SLUICE_ADMISSION_DEADLINE_MS": "10000"])
        }
        var rehearsal = Rehearsal(url: url)
        let (attempts, logs) = try await withReplicas(options, on: role.url(like: url)) { replicas in
            let attempts = try await withClients(clients, of: replicas) { clients in
                let load = rehearsal.load
                let calls = Task { try await load.run(clients) }
                do {
                    #expect(try await load.answered(200))
                    try await body(&rehearsal)
                    #expect(try await load.answered(200))
                } catch {
                    calls.cancel()
                    _ = await calls.result
                    throw error
                }
                load.stop()
                return try await calls.value
            }
            return (attempts, replicas.map(\.logTail).joined(separator: "\n"))
        }
        let rows = try await ledger(url)
        rehearsal.judge(attempts, rows)
        try rehearsal.judgeWindows(attempts, rows, logs)
        rehearsal.report(name, attempts)
    }

    private init(url: String) { self.url = url }

    /// Runs one step of the release, and waits until callers have been answered after it.
    nonisolated(nonsending) mutating func step(_ name: String, _ body: nonisolated(nonsending) () async throws -> Void)
        async throws
    {
        let start = Attempt.now
        try await body()
        steps.append((name, start, Attempt.now))
        #expect(try await load.answered(100))
    }

    /// As ``step(_:_:)``, with a command of the program.
    nonisolated(nonsending) mutating func command(_ arguments: String...) async throws {
        let url = url
        try await step(arguments.joined(separator: " ")) {
            try await ReplicaProcess.run(arguments, on: url)
        }
    }

    // MARK: Judging

    private func judge(_ attempts: [Attempt], _ rows: [LedgerRow]) {
        let admitted = attempts.filter { $0.status == 200 }
        let refused = attempts.filter { $0.status == 429 }
        #expect(admitted.count + refused.count == attempts.count, "answers that are neither")
        #expect(rows.count == admitted.count)
        #expect(Set(rows.map(\.callID)) == Set(admitted.compactMap(\.callID)))
        #expect(Set(rows.map(\.callID)).count == rows.count)
        let regulars = Set(load.regulars)
        #expect(refused.count { !regulars.contains($0.user) } == 0, "refusals of first calls")
        #expect(!refused.isEmpty)
    }

    private func judgeWindows(_ attempts: [Attempt], _ rows: [LedgerRow], _ logs: String) throws {
        #expect(rows.count { $0.mode != "enforced" } == 0, "calls that went through unchecked:\n\(logs)")
        let refused = attempts.filter { $0.status == 429 }
        let window = try Window(name: "default", limit: Int64(Self.limit), length: .seconds(Self.length))
        for user in load.regulars {
            let audit = HistoryAudit(rows.filter { $0.user == user }, in: window)
            for (fault, found) in audit.faults(among: refused.filter { $0.user == user }) {
                #expect(found.count == 0, "\(found.count) \(fault), the first: \(found.first ?? "")")
            }
        }
    }

    /// What `docs/migrations.md` quotes.
    private func report(_ name: String, _ attempts: [Attempt]) {
        func longest(_ attempts: [Attempt]) -> String {
            let waits = attempts.map { $0.sentAt.duration(to: $0.receivedAt) }
            return "\(Int((waits.max() ?? .zero) / .milliseconds(1))) ms"
        }
        var calm = attempts
        var figures: [String] = []
        for step in steps {
            let during = attempts.filter { $0.sentAt <= step.end && $0.receivedAt >= step.start }
            calm.removeAll { $0.sentAt <= step.end && $0.receivedAt >= step.start }
            figures.append("\(step.name): \(longest(during)) of \(during.count)")
        }
        figures.append("else: \(longest(calm)) of \(calm.count)")
        print("rehearsal \(name), longest admission: \(figures.joined(separator: "; "))")
    }
}
