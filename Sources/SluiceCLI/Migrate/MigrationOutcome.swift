import SluicePostgres

/// What `up` and `down` have done.
struct MigrationOutcome: Encodable {
    let direction: String
    let steps: [MigrationStep]

    init(_ steps: [Migration], _ direction: MigrationDirection) {
        self.direction = direction.rawValue
        self.steps = steps.map { MigrationStep($0, direction) }
    }
}
