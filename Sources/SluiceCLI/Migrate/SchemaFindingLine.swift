import SluicePostgres

/// A finding as `verify` and `repair` show it.
struct SchemaFindingLine: Encodable {
    let kind: String
    let object: String
    let finding: String
    let remedy: String

    init(_ finding: SchemaFinding) {
        kind = finding.kind.rawValue
        object = finding.object
        self.finding = finding.detail
        remedy = finding.remedy
    }

    var text: String { "\(object) (\(kind)): \(finding)\n      → \(remedy)" }
}
