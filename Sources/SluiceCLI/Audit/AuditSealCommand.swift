import ArgumentParser
import Logging
import Postgres
import SluiceLedger

/// `sluice audit seal`
struct AuditSealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal", abstract: "Seal the days of the ledger that are over.",
        discussion: """
            Replicas do so by themselves. Needs the schema's owner or a member of sluice_app. Exits with 75 while somebody \
            else seals.
            """)

    @Option(help: "The last UTC day to seal. All that are over for as long as SLUICE_SEAL_AFTER says, unless given.")
    var until: String?
    @Flag(help: "Print JSON, a line for each seal.") var json = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let until = try AuditDays.day(until, of: "--until")
            let configuration = try settings.load().configuration
            return try await configuration.withConnection(logger: Log.logger(configuration)) { connection in
                let sealer = LedgerSealer(database: connection, closedAfter: configuration.sealAfter)
                var count = 0
                while true {
                    let seals = try await Self.next(sealer, until: until)
                    guard !seals.isEmpty else { break }
                    count += seals.count
                    for seal in seals { Terminal.print(try json ? JSONText.encode(Line(seal)) : Self.text(seal)) }
                }
                if count == 0, !json { Terminal.print("nothing to seal") }
                return .success
            }
        }
    }

    private static func next(_ sealer: LedgerSealer, until: LedgerDay?) async throws -> [NewSeal] {
        do throws(PostgresError) {
            return try await sealer.sealNext(until: until)
        } catch {
            guard error.sqlState == .lockNotAvailable else { throw error }
            throw CommandError(
                .tryAgain,
                "somebody else is sealing, or still writes rows of the day that is next: try again in a moment")
        }
    }

    private static func text(_ seal: NewSeal) -> String {
        let amendment = seal.amendment == 0 ? "" : ", amendment \(seal.amendment)"
        let late = seal.lateRows == 0 ? "" : " and \(seal.lateRows) unchecked"
        return "\(seal.day) \(seal.table.rawValue)\(amendment): \(seal.rows) rows\(late), chain \(seal.chain)"
    }

    /// A seal as this command prints it.
    struct Line: Encodable, Equatable {
        let seal: Int
        let table: String
        let day: String
        let amendment: Int
        let rows: Int
        let uncheckedRows: Int
        let chain: String

        enum CodingKeys: String, CodingKey {
            case seal, table, day, amendment, rows, chain
            case uncheckedRows = "unchecked_rows"
        }

        init(_ seal: NewSeal) {
            (self.seal, table, day) = (seal.number, seal.table.rawValue, seal.day.description)
            (amendment, rows, uncheckedRows, chain) = (seal.amendment, seal.rows, seal.lateRows, seal.chain)
        }
    }
}
