import Postgres
import SluiceCore
import SluiceTesting

/// What a user did before a question.
struct UserHistory: CustomStringConvertible {
    let user = UserID.fresh()
    /// Seconds before the question, with the weight; unchecked or not.
    private var rows: [(ago: Double, weight: Int64, isUnchecked: Bool)] = []

    init(using random: inout SeededGenerator) {
        let usesUnchecked = Int.random(in: 0..<4, using: &random) == 0
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            rows.append(
                (
                    Double.random(in: -2...90, using: &random), Int64.random(in: 1...3, using: &random),
                    usesUnchecked && Bool.random(using: &random)
                ))
        }
        // A clock that was set back by some hours, or by more than the day from which on rows ahead do not count.
        if Int.random(in: 0..<12, using: &random) == 0 {
            let ahead = Bool.random(using: &random) ? 3_600.0...80_000 : 86_300...100_000
            rows.append((-Double.random(in: ahead, using: &random), 1, false))
        }
        rows.sort { $0.ago > $1.ago }
    }

    var description: String { "rows \(rows)" }

    /// A clock that a session sets for itself.
    static let clock = """
        CREATE OR REPLACE FUNCTION sluice.clock() RETURNS timestamptz LANGUAGE sql VOLATILE
        AS $$SELECT current_setting('test.now')::timestamptz$$
        """

    /// Adds the rows: those in order as an admission does, under a window that is short or long, so that totals begin anew
    /// now and then. The clock stands at the present after it.
    func tell(_ connection: PostgresConnection) async throws {
        for row in rows {
            let at = "clock_timestamp() - interval '\(row.ago) seconds'"
            try await connection.execute("SELECT set_config('test.now', (\(at))::text, false)")
            if row.isUnchecked {
                try await connection.query(
                    """
                    INSERT INTO sluice.calls (user_id, admitted_at, call_id, weight, policy_id, mode, id_supplied)
                    VALUES ($1, sluice.clock(), gen_random_uuid(), $2, 1, 'unchecked', false)
                    """, [user, row.weight])
            } else {
                try await connection.query(
                    """
                    SELECT sluice.admit_user($1, ARRAY[gen_random_uuid()], ARRAY[false], ARRAY[$2], ARRAY['r'], ARRAY['m'],
                        ARRAY[NULL]::sluice.call_origin[], ARRAY[1000::bigint], ARRAY[20000000::bigint], 1, 'test')
                    """, [user, row.weight])
            }
        }
        try await connection.execute("SELECT set_config('test.now', clock_timestamp()::text, false)")
    }
}
