import Postgres
import SluiceCore
import SluiceTesting
import Testing

@testable import SluicePostgres

/// A clock that was set back leaves rows that are ahead of it. Up to a day ahead they count, so that a quota holds; further ahead
/// they do not, so that nobody is locked out for long. Every way to ask says so.
@Suite struct RowsAheadTests {
    private enum Way: CaseIterable {
        case one, oneUser, severalUsers, long

        func calls(of user: UserID) throws -> [Call] {
            switch self {
            case .one: [try .fresh(user)]
            case .oneUser: [try .fresh(user), try .fresh(user)]
            case .severalUsers: [try .fresh(user), try .fresh()]
            case .long: [try Call(user: user, id: .fresh(), isIDSupplied: true)]
            }
        }
    }

    /// In one partition, where the short ways would see both.
    @Test(arguments: [20, 30]) func countUpToADay(hours: Int) async throws {
        try await PartitionWorld.with { world in
            try await world.setClock("2041-01-05 12:00Z")
            try await world.database.withConnection { connection in
                _ = try await PartitionStore(database: connection).ensure(.month, ahead: 40, deadline: .patience)
                try await connection.query("SELECT sluice.cover_recent()")
                let users = Way.allCases.map { ($0, UserID.fresh()) }
                try await world.setClock("2041-01-05 12:00Z", hours: hours)
                for (_, user) in users { #expect(try await used([.fresh(user)], connection) == 1) }
                try await world.setClock("2041-01-05 12:00Z")
                for (way, user) in users {
                    let used = try await used(way.calls(of: user), connection)
                    #expect(used == (hours < 24 ? 2 : 1), "\(way)")
                }
            }
        }
    }

    /// What the first call's window holds with it.
    private func used(_ calls: [Call], _ connection: PostgresConnection) async throws -> Int64? {
        let store = PostgresStore(database: connection)
        let results = try await store.admit(calls, under: try .standard(limit: 9), deadline: .patience)
        guard case .admitted(let admission) = try results[0].get() else { return nil }
        return admission.windows[0].used
    }
}
