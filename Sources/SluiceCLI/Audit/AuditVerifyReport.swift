import SluiceLedger

/// The JSON of `sluice audit verify`.
struct AuditVerifyReport: Encodable, Equatable {
    struct Problem: Encodable, Equatable {
        let kind: String
        let message: String
        let seal: Int?
        let table: String?
        let day: String?
        let part: String?
        let first: String?
        let last: String?
        let expectedRows: Int?
        let foundRows: Int?

        enum CodingKeys: String, CodingKey {
            case kind, message, seal, table, day, part, first, last
            case expectedRows = "expected_rows"
            case foundRows = "found_rows"
        }

        init(_ problem: SealProblem) {
            (kind, message, seal) = (problem.kind.rawValue, problem.message, problem.seal)
            (table, day, part) = (problem.table?.rawValue, problem.day?.description, problem.part?.rawValue)
            (first, last) = (problem.range?.first.description, problem.range?.last.description)
            (expectedRows, foundRows) = (problem.expectedRows, problem.foundRows)
        }
    }

    let differs: Bool
    let seals: Int
    /// Absent without seals.
    let head: String?
    let daysRead: Int
    let rowsRead: Int
    let problems: [Problem]
    let goneDays: [String]
    let unsealedDays: [String]
    /// Unchecked calls that wait for an amendment, by day.
    let waiting: [String: Int]

    enum CodingKeys: String, CodingKey {
        case differs, seals, head, problems, waiting
        case daysRead = "days_read"
        case rowsRead = "rows_read"
        case goneDays = "gone_days"
        case unsealedDays = "unsealed_days"
    }

    init(_ report: SealReport) {
        (differs, seals, head) = (!report.problems.isEmpty, report.seals, report.head)
        (daysRead, rowsRead, problems) = (report.days, report.rows, report.problems.map(Problem.init))
        goneDays = report.goneDays.map(\.description)
        unsealedDays = report.unsealedDays.map(\.description)
        waiting = Dictionary(uniqueKeysWithValues: report.waiting.map { ($0.key.description, $0.value) })
    }
}
