import Postgres
import SluiceCore
import SluicePostgres

extension PostgresParameters {
    mutating func append(_ range: Range<Timestamp>) {
        append(range.lowerBound)
        append(range.upperBound)
    }

    /// As text, which statements cast: `$1::text::date`.
    mutating func append(_ range: Range<LedgerDay>) {
        append(range.lowerBound.description)
        append(range.upperBound.description)
    }
}
