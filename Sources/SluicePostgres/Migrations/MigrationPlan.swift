/// What stands between a database and a version, decided from what it has and what this program carries. Pure.
public struct MigrationPlan: Hashable, Sendable {
    /// What this program carries, in order.
    public let known: [Migration]
    /// What the database has, in order.
    public let applied: [AppliedMigration]

    /// - Throws: ``MigrationError`` when the two histories do not agree, saying what to do.
    public init(known: [Migration], applied: [AppliedMigration]) throws(MigrationError) {
        for (index, step) in applied.enumerated() {
            guard index < known.count else {
                throw .newerSchema(database: applied.count, program: known.count, unknown: step.name)
            }
            let ours = known[index]
            guard step.version == ours.version else { throw .gap(missing: ours.version, found: step.version) }
            guard step.checksum == ours.checksum else {
                throw .changed(step: ours.description, database: step.checksum, program: ours.checksum)
            }
        }
        self.known = known
        self.applied = applied
    }

    /// The version that the database is at; 0 when it has none.
    public var current: Int { applied.count }
    /// The version that this program wants.
    public var newest: Int { known.count }
    /// Steps not taken yet, in order.
    public var pending: ArraySlice<Migration> { known[current...] }

    /// The next step up, or `nil` when the database is at `target` or above.
    func nextUp(to target: Int) -> Migration? {
        current < target ? known[current] : nil
    }

    /// The next step down, or `nil` when the database is at `target` or below.
    func nextDown(to target: Int) -> Migration? {
        current > target ? known[current - 1] : nil
    }

    /// - Throws: ``MigrationError/unknownTarget(_:newest:)`` outside 0 … ``newest``.
    func check(target: Int) throws(MigrationError) {
        guard (0...newest).contains(target) else { throw .unknownTarget(target, newest: newest) }
    }
}
