import ArgumentParser
import HummingbirdSluice
import SluiceCore
import SluiceJournal

/// `sluice journal inspect`
struct JournalInspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Print the calls of a segment, one JSON object a line.",
        discussion: "Prints what can be read, and exits with 1 when that is not all.")

    @Argument(help: "The segment, as `sluice journal list` names it.") var segment: String
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            try await settings.withJournal { directory in
                try directory.forEachRecord(of: segment) { Terminal.print(try JSONText.encode(Record($0))) }
                let damage = try directory.report(of: segment).damage
                for place in damage { Terminal.printError("sluice: \(segment): \(place)") }
                return damage.isEmpty ? .success : .checkFailed
            }
        }
    }

    /// A call that was let through.
    private struct Record: Encodable {
        let user: String
        let callID: String
        let isIDSupplied: Bool
        let weight: Int64
        let route: String?
        let model: String?
        let admittedAt: String
        let policyID: Int32
        let mayExistSince: String?

        enum CodingKeys: String, CodingKey {
            case user, weight, route, model
            case callID = "call_id"
            case isIDSupplied = "id_supplied"
            case admittedAt = "admitted_at"
            case policyID = "policy_id"
            case mayExistSince = "may_exist_since"
        }

        init(_ unchecked: UncheckedCall) {
            user = unchecked.call.user.description
            callID = unchecked.call.id.description
            isIDSupplied = unchecked.call.isIDSupplied
            weight = unchecked.call.weight
            route = unchecked.call.route
            model = unchecked.call.model
            admittedAt = unchecked.admittedAt.rfc3339
            policyID = unchecked.policyID
            mayExistSince = unchecked.mayExistSince?.rfc3339
        }
    }
}
