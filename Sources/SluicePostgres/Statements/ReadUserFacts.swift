import Postgres
import SluiceCore

/// How a user fared of late.
struct ReadUserFacts: PostgresStatement {
    let user: UserID

    static let sql = """
        SELECT f.calls, f.unchecked, f.last_unchecked_at, f.refusal_minutes, f.refusal_counts
        FROM sluice.user_facts($1) AS f
        """

    func bind(into parameters: inout PostgresParameters) { parameters.append(user) }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> UserFacts {
        let minutes = try row.decode([Timestamp]?.self, at: 3) ?? []
        let counts = try row.decode([Int64]?.self, at: 4) ?? []
        return UserFacts(
            refusals: zip(minutes, counts).map { UserFacts.Refusals(minute: $0, count: $1) },
            uncheckedCalls: try row.decode(at: 1), lastUncheckedAt: try row.decode(at: 2),
            calls: try row.decode(at: 0))
    }
}
