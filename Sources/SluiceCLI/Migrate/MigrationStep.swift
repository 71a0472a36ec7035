import HummingbirdSluice
import SluicePostgres

/// One migration as these commands show it.
struct MigrationStep: Encodable, Equatable {
    let version: Int
    let name: String
    /// RFC 3339; absent for one that is not applied.
    var appliedAt: String?
    /// What its file says about locks.
    var locks: String?
    /// False for one that runs statement by statement.
    var isTransactional: Bool?

    enum CodingKeys: String, CodingKey {
        case version, name, locks
        case appliedAt = "applied_at"
        case isTransactional = "transaction"
    }

    init(_ step: AppliedMigration) {
        version = step.version
        name = step.name
        appliedAt = step.appliedAt.rfc3339
    }

    init(_ step: Migration, _ direction: MigrationDirection) {
        version = step.version
        name = step.name
        locks = step.script(direction).locks
        isTransactional = step.script(direction).isTransactional
    }
}
