import SluicePostgres

/// What `plan` and `--dry-run` say, and `--print-sql` prints.
struct MigrationPreview: Encodable {
    let direction: String
    /// The version that the database is at.
    let from: Int
    /// The version that it would be at.
    let to: Int
    let steps: [MigrationStep]

    init(_ steps: [Migration], _ direction: MigrationDirection, from current: Int) {
        self.direction = direction.rawValue
        from = current
        to = current + (direction == .up ? steps.count : -steps.count)
        self.steps = steps.map { MigrationStep($0, direction) }
    }

    func text(isJSON: Bool) throws -> String {
        if isJSON { return try JSONText.encode(self) }
        guard !steps.isEmpty else { return "nothing to do: the schema is at version \(from)" }
        let table = TextTable(
            header: ["version", "migration", "transaction", "locks"],
            rows: steps.map {
                ["\($0.version)", $0.name, $0.isTransactional == true ? "one" : "none", $0.locks ?? "not said"]
            })
        return "from version \(from) \(direction) to \(to)\n\(table.text)"
    }
}
