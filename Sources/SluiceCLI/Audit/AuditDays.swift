import ArgumentParser
import SluiceLedger

/// Whole UTC days, as seals are for.
struct AuditDays: ParsableArguments {
    @Option(help: "The first UTC day. The first that is sealed, unless given.") var from: String?
    @Option(help: "The UTC day that no longer belongs to it. All that are sealed, unless given.") var to: String?

    /// - Throws: ``CommandError`` for what is no day, and for none at all.
    func bounds() throws(CommandError) -> (from: LedgerDay?, until: LedgerDay?) {
        let (from, until) = (try Self.day(from, of: "--from"), try Self.day(to, of: "--to"))
        if let from, let until, from >= until {
            throw CommandError(.usage, "--from \(from) is not before --to \(until): use an earlier day")
        }
        return (from, until)
    }

    static func day(_ text: String?, of option: String) throws(CommandError) -> LedgerDay? {
        guard let text else { return nil }
        guard let day = LedgerDay(iso: text) else {
            throw CommandError(.usage, "\(option) \"\(text)\" is no day: write 2026-11-28")
        }
        return day
    }
}
