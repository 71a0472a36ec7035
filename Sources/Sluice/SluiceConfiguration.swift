public import Postgres
public import SluiceCore
public import SluiceJournal
public import SluicePostgres

/// What a ``Sluice`` is made from. Every part has a default but the database.
public struct SluiceConfiguration: Sendable {
    /// Where the ledger is.
    public var database: PostgresConfiguration
    /// What users may spend.
    public var policy: Policy
    /// Batches, deadline, breaker and cache.
    public var path: AdmissionPath.Settings
    /// Connections to the database.
    public var pool: PostgresPoolSettings
    /// Who brings the schema up to date.
    public var schema: SchemaMode
    /// Which partitions are made ahead, and how long the ledger is kept.
    public var partitions: PartitionPlan
    /// Names this process in the ledger; `nil` leaves the column empty.
    public var replica: String?
    /// Where calls that are let through in an outage wait for their rows. `nil`: no journal, and they get none.
    public var journal: JournalSettings?
    /// How settlements are gathered and how long they may take.
    public var settlement: SettlementSettings
    /// How long a call with a reservation may go on without being settled, until it is taken to have spent all of that; a
    /// second or more. ``CallOrigin/reservation``
    public var lease: Duration
    /// How long a shutdown may take to bring waiting calls to a database that answers; the rest waits for the next start.
    public var shutdownReplay: Duration

    public init(
        database: PostgresConfiguration, policy: Policy, path: AdmissionPath.Settings = .init(),
        pool: PostgresPoolSettings = .init(maximumConnections: 8, name: "admission"), schema: SchemaMode = .migrate,
        partitions: PartitionPlan = PartitionPlan(),
        replica: String? = nil, journal: JournalSettings? = nil, shutdownReplay: Duration = .seconds(2),
        settlement: SettlementSettings = SettlementSettings(), lease: Duration = .seconds(20 * 60)
    ) {
        self.database = database
        self.policy = policy
        self.path = path
        self.pool = pool
        self.schema = schema
        self.partitions = partitions
        self.replica = replica
        self.journal = journal
        self.shutdownReplay = shutdownReplay
        self.settlement = settlement
        self.lease = lease
    }

    /// - Parameters:
    ///   - databaseURL: a connection URL or a keyword/value string of libpq.
    ///   - policy: 20 calls an hour by default.
    public init(databaseURL: String, policy: Policy? = nil) throws {
        self.init(
            database: try PostgresConfiguration(url: databaseURL), policy: try policy ?? .standard())
    }
}

/// Who brings the schema up to date.
public enum SchemaMode: String, Sendable, CaseIterable {
    /// This process, before it decides; many may try at once.
    case migrate = "run"
    /// Somebody else; this process waits until the schema is the one that it carries, or a newer one.
    case wait
    /// Somebody else, at another time; an older schema will do, as long as every decision works with it.
    case assume = "off"
}

/// What is known of the schema.
public enum SchemaState: Hashable, Sendable {
    /// The database has not been asked successfully yet.
    case unknown
    /// It is at the version that this program needs.
    case ready(version: Int)
    /// It is not; the reason says what to do.
    case wrong(reason: String)
}

/// Versions of the schema.
public struct SchemaVersions: Hashable, Sendable {
    /// The oldest one that this process takes for right.
    public internal(set) var wanted = 0
    /// The one that was found when the schema was last looked at; `nil` when it has not been.
    public internal(set) var found: Int?

    init() {}
}
