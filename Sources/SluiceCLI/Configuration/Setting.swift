/// Every setting of Sluice. The raw value is its environment variable, the name it has everywhere else follows from it.
///
/// `SLUICE_POOL_SIZE` in the environment is `pool_size` in the YAML file and `--pool-size` on the command line.
enum Setting: String, CaseIterable, Sendable {
    case databaseURL = "DATABASE_URL"
    case listenHost = "LISTEN_HOST"
    case listenPort = "LISTEN_PORT"
    case limitRequests = "LLM_RATE_LIMIT_REQUESTS"
    case limitWindow = "LLM_RATE_LIMIT_WINDOW"
    case serviceKeys = "SLUICE_SERVICE_KEYS"
    case dev = "SLUICE_DEV"
    case jwtSecret = "JWT_SECRET"
    case jwksURL = "JWKS_URL"
    case jwksFile = "JWKS_FILE"
    case jwtIssuer = "JWT_ISSUER"
    case jwtAudience = "JWT_AUDIENCE"
    case jwtLeeway = "JWT_LEEWAY"
    case keyGrace = "SLUICE_KEY_GRACE"
    case addressRequests = "RATE_LIMIT_REQUESTS"
    case addressWindow = "RATE_LIMIT_WINDOW"
    case trustedProxies = "SLUICE_TRUSTED_PROXIES"
    case forwardedHeader = "SLUICE_FORWARDED_HEADER"
    case corsOrigins = "SLUICE_CORS_ORIGINS"
    case openAIBaseURL = "SLUICE_OPENAI_BASE_URL"
    case openAIKey = "SLUICE_OPENAI_API_KEY"
    case anthropicBaseURL = "SLUICE_ANTHROPIC_BASE_URL"
    case anthropicKey = "SLUICE_ANTHROPIC_API_KEY"
    case triageModel = "SLUICE_TRIAGE_MODEL"
    case upstreamTimeout = "SLUICE_UPSTREAM_TIMEOUT"
    case onHangUp = "SLUICE_ON_HANG_UP"
    case bodyMaximum = "SLUICE_BODY_MAX_BYTES"
    case callLease = "SLUICE_CALL_LEASE"
    case onOutage = "SLUICE_ON_OUTAGE"
    case admissionDeadline = "SLUICE_ADMISSION_DEADLINE_MS"
    case breakerFailures = "SLUICE_BREAKER_FAILURES"
    case breakerPause = "SLUICE_BREAKER_PAUSE_MS"
    case breakerPauseMaximum = "SLUICE_BREAKER_PAUSE_MAX_MS"
    case batchSize = "SLUICE_BATCH_SIZE"
    case batchesInFlight = "SLUICE_BATCHES_IN_FLIGHT"
    case poolSize = "SLUICE_POOL_SIZE"
    case migrate = "SLUICE_MIGRATE"
    case partitionsAhead = "SLUICE_PARTITIONS_AHEAD"
    case partitionBy = "SLUICE_PARTITION_BY"
    case retentionDays = "SLUICE_RETENTION_DAYS"
    case retentionAction = "SLUICE_RETENTION_ACTION"
    case retentionExportDirectory = "SLUICE_RETENTION_EXPORT_DIR"
    case sealAfter = "SLUICE_SEAL_AFTER"
    case replica = "SLUICE_REPLICA"
    case dataDirectory = "SLUICE_DATA_DIR"
    case journalDirectory = "SLUICE_JOURNAL_DIR"
    case journalSync = "SLUICE_JOURNAL_SYNC"
    case journalMaximum = "SLUICE_JOURNAL_MAX_BYTES"
    case journalFull = "SLUICE_JOURNAL_FULL"
    case journalReplayShare = "SLUICE_JOURNAL_REPLAY_SHARE"
    case shutdownGrace = "SLUICE_SHUTDOWN_GRACE_MS"
    case logLevel = "SLUICE_LOG_LEVEL"
    case logFormat = "SLUICE_LOG_FORMAT"

    /// The prefix of the variables that are nobody's but Sluice's.
    static let prefix = "SLUICE_"

    /// The environment variable, which is also how messages name the setting.
    var variable: String { rawValue }

    /// The key in the YAML file: the variable in lower case without the prefix.
    var key: String {
        (variable.hasPrefix(Self.prefix) ? String(variable.dropFirst(Self.prefix.count)) : variable).lowercased()
    }

    /// The flag without its two hyphens.
    var flag: String { String(key.map { $0 == "_" ? "-" : $0 }) }

    /// Whether its value must not be shown.
    var isSecret: Bool {
        switch self {
        case .serviceKeys, .jwtSecret, .openAIKey, .anthropicKey: true
        default: false
        }
    }

    /// Whether the file may hold a list of texts.
    var isList: Bool {
        switch self {
        case .serviceKeys, .trustedProxies, .corsOrigins: true
        default: false
        }
    }

    /// Whether the flag stands alone, without a value.
    var isSwitch: Bool { self == .dev }
}
