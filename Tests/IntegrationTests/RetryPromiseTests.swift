import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting
import Testing

/// Invariant 3 on a real database: a refused call is admitted at the moment that the refusal names and refused before it, with
/// weights, several windows, and quotas lowered and raised on the way.
@Suite struct RetryPromiseTests {
    @Test(arguments: [false, true])
    func isKeptToTheMicrosecond(inCompany: Bool) async throws {
        let seed = Soak.seed
        try await PostgresServer.shared().withMigratedDatabase { url in
            try await withConnection(url) { connection in
                try await withOwner(url) { owner in
                    var history = try await History(connection, owner, inCompany: inCompany, seed: seed)
                    while history.refusals < (Soak.isLong ? 2_000 : 150) {
                        try await history.advance()
                    }
                }
            }
        }
    }

    private struct History {
        /// Sets the clock.
        let owner: PostgresConnection
        let store: PostgresStore
        let policies: [Policy]
        /// Whether calls are decided together with another user's.
        let inCompany: Bool
        let seed: UInt64
        let user = UserID.fresh()
        var generator: SeededGenerator
        var now = Timestamp(microseconds: 1_768_478_400_000_000)
        var refusals = 0

        init(
            _ connection: PostgresConnection, _ owner: PostgresConnection, inCompany: Bool, seed: UInt64
        ) async throws {
            self.owner = owner
            self.inCompany = inCompany
            self.seed = seed
            store = PostgresStore(database: connection)
            generator = SeededGenerator(seed: seed)
            policies = try [
                [("short", 12, 7)], [("short", 4, 7)], [("short", 30, 7)], [("short", 12, 7), ("long", 40, 60)],
                [("short", 12, 3), ("long", 15, 60), ("longer", 100, 900)],
            ].map { windows in
                try Policy(
                    name: "promise",
                    windows: windows.map { try Window(name: $0.0, limit: $0.1, length: .seconds($0.2)) })
            }
            try await owner.execute(
                """
                CREATE TABLE public.now AS SELECT \(Self.literal(now)) AS at;
                GRANT SELECT ON public.now TO sluice_owner;
                CREATE OR REPLACE FUNCTION sluice.clock() RETURNS timestamptz LANGUAGE sql VOLATILE
                AS 'SELECT at FROM public.now';
                SELECT sluice.cover_recent('24 hours');
                """)
        }

        mutating func advance() async throws {
            try await setClock(now.advanced(by: .microseconds(Int64.random(in: 0...900_000, using: &generator))))
            let policy = policies[Int.random(in: policies.indices, using: &generator)]
            let weight = [1, 1, 1, 2, 4][Int.random(in: 0..<5, using: &generator)] as Int64
            guard case .refused(let refusal) = try await decide(weight, under: policy) else { return }
            refusals += 1
            try await expectPromise(refusal, weight, policy)
        }

        private mutating func expectPromise(_ refusal: Refusal, _ weight: Int64, _ policy: Policy) async throws {
            let seed = Comment(rawValue: "seed \(seed), refusal \(refusals), weight \(weight), \(policy.windows)")
            for earlier in [Duration.seconds(1), .milliseconds(1), .microseconds(1)] {
                let moment = refusal.retryAt.advanced(by: .zero - earlier)
                guard moment > now else { continue }
                try await setClock(moment)
                guard case .refused(let again) = try await decide(weight, under: policy) else {
                    Issue.record("admitted \(earlier) before its time: \(seed)")
                    return
                }
                #expect(again.retryAt == refusal.retryAt, seed)
            }
            try await setClock(refusal.retryAt)
            guard case .admitted(let admission) = try await decide(weight, under: policy) else {
                Issue.record("refused at the promised moment: \(seed)")
                return
            }
            #expect(admission.admittedAt == refusal.retryAt, seed)
        }

        private func decide(_ weight: Int64, under policy: Policy) async throws -> Decision? {
            var calls = [try Call(user: user, id: .fresh(), weight: weight)]
            if inCompany { calls.append(try Call(user: .fresh(), id: .fresh(), weight: 1)) }
            return try await store.admit(calls, under: policy, deadline: .now + .seconds(60)).first?.get()
        }

        private mutating func setClock(_ time: Timestamp) async throws {
            now = time
            try await owner.query("UPDATE public.now SET at = \(time)")
        }

        private static func literal(_ time: Timestamp) -> String {
            "'epoch'::timestamptz + \(time.microseconds) * interval '1 microsecond'"
        }
    }
}
