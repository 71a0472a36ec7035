import SluiceLedger

/// A seal in `seals.json`.
struct AuditExportSeal: Encodable, Equatable {
    let previous: String
    let seal: Int
    let ledger: String
    let day: String
    let amendment: Int
    let format: Int
    let rows: Int
    let digest: String
    let lateRows: Int
    let lateDigest: String
    let sealedAt: String
    let chain: String

    enum CodingKeys: String, CodingKey {
        case previous, seal, ledger, day, amendment, format, rows, digest, chain
        case lateRows = "late_rows"
        case lateDigest = "late_digest"
        case sealedAt = "sealed_at"
    }

    init(_ seal: Seal) {
        (previous, self.seal, ledger) = (seal.previous, seal.number, seal.table.rawValue)
        (day, amendment, format) = (seal.day.description, seal.amendment, seal.format)
        (rows, digest, lateRows, lateDigest) = (seal.rows, seal.digest, seal.lateRows, seal.lateDigest)
        (sealedAt, chain) = (seal.sealedAt, seal.chain)
    }
}
