import ArgumentParser
import HummingbirdSluice
import Postgres
import SluiceCore
import SluiceLedger

/// `sluice bench fill`
struct BenchFillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fill", abstract: "Fill an empty ledger with a made-up history of past days.",
        discussion: """
            For measurements, never for a ledger that counts: what is written stays. Needs a database of its own with the \
            newest schema, no replica on it, and a role that is a member of the schema's owner.
            sluice bench fill --days 90 --users 100k --rows 100M --yes
            """)

    @Option(help: "How many days, 1 to 1000.") var days: Int
    @Option(help: "How many users, such as 100k; a few of them make most of the calls.") var users: String
    @Option(help: "How many calls in all, such as 100M; their settlements come on top.") var rows: String
    @Option(help: "Which part of the calls is settled, 0 to 1.") var settled: Double = 0.97
    @Option(help: "Where the random numbers begin: the same seed and days make the same rows.") var seed: UInt64 = 1
    @Option(help: "Names of models, with commas between them; usual ones if left out.") var models: String?
    @Option(help: "The day after the last one, as 2026-11-28; today (UTC) if left out.") var until: String?
    @Flag(help: "Fill other days of a ledger that was filled by this command before.") var append = false
    @Flag(help: "Do it. Without it, only what would be done is printed.") var yes = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let configuration = try settings.load().configuration
            do {
                let plan = try plan(today: LedgerDay(of: .wallClock()))
                let fill = LedgerFill(
                    plan: plan, database: try configuration.runningDatabase(), logger: Log.logger(configuration))
                let database = try await fill.examine(appends: append)
                Terminal.printError("sluice: \(Self.summary(plan, database))")
                guard yes else {
                    throw CommandError(
                        .usage, "nothing was written: repeat the command with --yes if that is what you want")
                }
                let ticker = FillTicker()
                let end = try await fill.run(appends: append) { ticker.hear($0) }
                Terminal.print(FillTicker.result(end))
                return .success
            } catch let error as FillError {
                throw CommandError(error.kind == .plan ? .usage : .unavailable, error.description)
            } catch let error as PostgresError {
                throw CommandError(error)
            }
        }
    }

    func plan(today: LedgerDay) throws -> FillPlan {
        var end = today
        if let until {
            guard let day = LedgerDay(iso: until) else {
                throw CommandError(.usage, "until \"\(until)\" is no day: write it as 2026-11-28")
            }
            guard day <= today else {
                throw CommandError(.usage, "until \(until) lies ahead: history ends today, \(today), at the latest")
            }
            end = day
        }
        let names = models?.split(separator: ",").map(String.init) ?? []
        if let name = names.first(where: {
            !(1...Call.maximumLabelBytes).contains($0.utf8.count) || $0.utf8.contains(0)
        }) {
            throw CommandError(.usage, "model \"\(name)\" is no name of 1 to \(Call.maximumLabelBytes) bytes")
        }
        return try FillPlan(
            firstDay: LedgerDay(number: end.number - days), days: days,
            users: try Self.count(users, "users"), calls: try Self.count(rows, "rows"), settled: settled, seed: seed,
            models: models == nil ? FillModel.usual : FillModel.named(names))
    }

    /// A whole number, with `k`, `M` or `G` for thousands, millions or billions.
    static func count(_ text: String, _ name: String) throws(CommandError) -> Int {
        let factors: [Character: Int] = ["k": 1_000, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000]
        let factor = text.last.flatMap { factors[$0] }
        let digits = factor == nil ? Substring(text) : text.dropLast()
        if let number = Int(digits), number > 0, !number.multipliedReportingOverflow(by: factor ?? 1).overflow {
            return number * (factor ?? 1)
        }
        throw CommandError(.usage, "\(name) \"\(text)\" is no number: use one such as 250000, 100k or 100M")
    }

    private static func summary(_ plan: FillPlan, _ database: String) -> String {
        let rows = Double(plan.calls) * (1 + plan.settled)
        return "\(plan.calls) calls of \(plan.users) users from \(plan.firstDay) up to \(plan.endDay) in database"
            + " \"\(database)\": about \(Int(rows)) rows, \(Int(rows * 390 / 1_000_000_000) + 1) GB"
    }
}
