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
            guard step.name == ours.name else { throw .renamed(step: ours.description, database: step.name) }
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

    /// The steps from here to a version, in the order in which they would be taken.
    ///
    /// - Parameter target: up: the newest by default; down: one below the current one.
    /// - Throws: ``MigrationError/unknownTarget(_:newest:)``.
    public func steps(_ direction: MigrationDirection, to target: Int? = nil) throws(MigrationError) -> [Migration] {
        try Migration.steps(direction, from: current, to: target, of: known)
    }

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

extension Migration {
    /// The steps between two versions, in the order in which they would be taken.
    ///
    /// - Parameters:
    ///   - current: 0 to the newest.
    ///   - target: up: the newest by default; down: one below `current`.
    /// - Throws: ``MigrationError/unknownTarget(_:newest:)`` for either.
    public static func steps(
        _ direction: MigrationDirection, from current: Int, to target: Int? = nil, of known: [Migration] = all
    ) throws(MigrationError) -> [Migration] {
        let target = target ?? (direction == .up ? known.count : max(0, current - 1))
        for version in [current, target] where !(0...known.count).contains(version) {
            throw .unknownTarget(version, newest: known.count)
        }
        return switch direction {
        case .up: target > current ? Array(known[current..<target]) : []
        case .down: target < current ? known[target..<current].reversed() : []
        }
    }
}
