import Postgres
import SluiceCore

/// Adds the rows of what calls have taken.
struct SettleMany: PostgresStatement {
    let settlements: [Settlement]
    let replica: String?

    static let sql = """
        SELECT s."position", s.outcome, s.cost
        FROM sluice.settle_many($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS s
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(settlements.map(\.user))
        parameters.append(settlements.map(\.callID))
        parameters.append(settlements.map(\.admittedAt))
        parameters.append(settlements.map(\.model))
        parameters.append(settlements.map(\.usage.input))
        parameters.append(settlements.map(\.usage.cached))
        parameters.append(settlements.map(\.usage.cacheWrite))
        parameters.append(settlements.map(\.usage.output))
        parameters.append(settlements.map(\.usage.reasoning))
        parameters.append(settlements.map(\.basis.rawValue))
        parameters.append(settlements.map(\.status))
        parameters.append(settlements.map { $0.duration.map { $0.wholeMicroseconds / 1_000 } })
        parameters.append(replica)
    }

    /// The settlement's place, from 0, and what became of it; `nil` for a word that is not known here.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> (position: Int, outcome: SettlementOutcome?) {
        let position = Int(try row.decode(Int32.self, at: 0)) - 1
        let cost = try row.decode(Int64?.self, at: 2)
        let outcome: SettlementOutcome? =
            switch try row.decode(String.self, at: 1) {
            case "settled": .settled(cost: cost)
            case "corrected": .corrected(cost: cost)
            case "known": .known
            case "busy": .busy
            case "no_call": .noCall
            default: nil
            }
        return (position, outcome)
    }
}
