import HummingbirdSluice
import SluiceCore

/// One value of a report.
enum AuditCell: Equatable {
    /// What the ledger does not know.
    case unknown
    case text(String)
    case integer(Int64)
    case moment(Timestamp)
    /// Nano-USD, shown in USD with all nine decimals.
    case usd(Int64)

    init(_ text: String?) { self = text.map(Self.text) ?? .unknown }
    init(_ moment: Timestamp?) { self = moment.map(Self.moment) ?? .unknown }
}

extension AuditCell {
    /// For people.
    var shown: String {
        switch self {
        case .unknown: "-"
        case .usd(let amount): NanoUSD.text(amount)
        default: plain
        }
    }

    /// For machines; nothing where the ledger knows nothing.
    var plain: String {
        switch self {
        case .unknown: ""
        case .text(let text): text
        case .integer(let number): String(number)
        case .moment(let moment): moment.rfc3339
        case .usd(let amount): NanoUSD.fullText(amount)
        }
    }
}

extension AuditCell: Encodable {
    /// USD is text: a number of JSON is a binary fraction to most who read it.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .unknown: try container.encodeNil()
        case .integer(let number): try container.encode(number)
        case .text, .moment, .usd: try container.encode(plain)
        }
    }
}
