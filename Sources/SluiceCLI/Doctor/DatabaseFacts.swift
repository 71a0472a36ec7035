import SluicePostgres

/// What was learned about a database by asking it. ``DoctorExam`` judges it.
struct DatabaseFacts: Equatable, Sendable {
    /// As `server_version_num` has it: 150018 is 15.18.
    var serverVersion = 0
    var isEncrypted = false
    /// Over a unix socket or to this machine.
    var isLocal = false
    var isReadOnly = false
    var isSuperuser = false
    var role = ""
    var fsync = true
    var synchronousCommit = "on"
    var fullPageWrites = true
    /// `default_transaction_isolation` of this role in this database.
    var isolation = "read committed"
    var connectionLimit = 0
    var connectionsInUse = 0
    var pooler = PoolerMode.none
    /// The database's clock minus this machine's, in milliseconds, and how far off that may be.
    var clockOffset = 0.0
    var clockUncertainty = 0.0
    var schema = Schema.absent
    /// `nil` without the schema.
    var roles: RoleFacts?
    /// `nil` without the schema, or with one from before partitions were summed up.
    var partitions: PartitionSummary?

    /// The schema, compared with what this program carries.
    enum Schema: Equatable, Sendable {
        case absent
        case current(version: Int)
        case behind(version: Int, wanted: Int)
        /// The histories do not agree, or cannot be read; in the migrator's words, with the remedy.
        case wrong(String)
    }
}
