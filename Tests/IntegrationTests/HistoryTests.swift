import Foundation
import SluiceCore
import SluiceTesting
import Testing

/// A recorded history of load on replicas whose clocks are hours off: no window ever holds too much, no call is refused without
/// need, and every wait is right (invariants 1, 2, 3, 4; row A6).
@Suite(.serialized) struct HistoryTests {
    private static let skews: [Duration] = [.zero, .seconds(5 * 3_600), .seconds(-7 * 3_600)]
    private static let limit = 6
    private static let length = 2
    private static let clients = 18

    @Test func windowsHoldWhateverTheReplicasClocksSay() async throws {
        let users = (0..<4).map { _ in UserID.fresh() }
        try await PostgresServer.shared().withMigratedDatabase { url in
            let options = Self.skews.map { ReplicaOptions(limit: Self.limit, window: Self.length, clockSkew: $0) }
            let attempts = try await withReplicas(options, on: url) { replicas in
                try await withClients(Self.clients, of: replicas) { clients in
                    try await expectSkew(Array(clients.prefix(replicas.count)))
                    return try await load(clients, users)
                }
            }
            try judge(attempts, try await ledger(url), users)
        }
    }

    private func judge(_ attempts: [Attempt], _ rows: [LedgerRow], _ users: [UserID]) throws {
        let window = try Window(
            name: "default", limit: Int64(Self.limit), length: .seconds(Self.length))
        let admitted = attempts.filter { $0.status == 200 }
        let refused = attempts.filter { $0.status == 429 }
        #expect(admitted.count + refused.count == attempts.count)
        #expect(rows.count == admitted.count)
        #expect(Set(rows.map(\.callID)) == Set(admitted.compactMap(\.callID)))
        #expect(Set(rows.map(\.callID)).count == rows.count)
        #expect(rows.allSatisfy { $0.mode == "enforced" })
        var faults = 0
        for user in users {
            let audit = HistoryAudit(rows.filter { $0.user == user }, in: window)
            for (fault, found) in audit.faults(among: refused.filter { $0.user == user }) {
                #expect(found.count == 0, "seed \(Soak.seed), \(found.count) \(fault), the first: \(found.first ?? "")")
                faults += found.count
            }
        }
        // The load was one: windows filled, and were filled again when they had moved on.
        #expect(rows.reduce(0) { $0 + $1.weight } > Int64(Self.limit * users.count))
        #expect(!refused.isEmpty)
        Soak.print(
            """
            seed \(Soak.seed): \(attempts.count) calls in \(Soak.seconds) s on \(users.count) users, \(rows.count) \
            admitted, \(refused.count) refused, faults in windows, refusals and waits: \(faults)
            """)
    }

    private func load(_ clients: [ReplicaClient], _ users: [UserID]) async throws -> [Attempt] {
        let end = ContinuousClock.now + .seconds(Soak.seconds)
        return try await withThrowingTaskGroup(of: [Attempt].self) { group in
            for (index, client) in clients.enumerated() {
                group.addTask {
                    var generator = SeededGenerator(seed: Soak.seed + UInt64(index))
                    var attempts: [Attempt] = []
                    while ContinuousClock.now < end {
                        let user = users[Int.random(in: users.indices, using: &generator)]
                        let weight = [1, 1, 1, 2, 3][Int.random(in: 0..<5, using: &generator)] as Int64
                        attempts.append(try await .make(client, user, weight: weight))
                    }
                    return attempts
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// Without this the test would prove nothing should faketime do nothing.
    private func expectSkew(_ clients: [ReplicaClient]) async throws {
        for (client, skew) in zip(clients, Self.skews) {
            let date = try #require(try await client.get("/healthz").header("Date"))
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
            let offset = try #require(formatter.date(from: date)).timeIntervalSinceNow
            #expect(abs(offset - Double(skew.components.seconds)) < 600, "\(date)")
        }
    }
}
