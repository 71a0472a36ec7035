/// What a person needs to know of a setting: the help of the flags and the table of `docs/configuration.md` say this.
struct SettingGuide: Sendable {
    let summary: String
    /// The values that are allowed, in words.
    let allowed: String
    /// What is used when nobody sets it, in words.
    let fallback: String
}

extension Setting {
    var guide: SettingGuide {
        switch self {
        case .databaseURL, .dataDirectory, .poolSize, .migrate: databaseGuide
        case .partitionsAhead, .partitionBy, .retentionDays, .retentionAction, .retentionExportDirectory, .sealAfter:
            partitionGuide
        case .limitRequests, .limitWindow, .onOutage: limitGuide
        case .admissionDeadline, .breakerFailures, .breakerPause, .breakerPauseMaximum, .batchSize, .batchesInFlight:
            pathGuide
        case .journalDirectory, .journalSync, .journalMaximum, .journalFull, .journalReplayShare: journalGuide
        case .jwtSecret, .jwksURL, .jwksFile, .jwtIssuer, .jwtAudience, .jwtLeeway, .keyGrace: identityGuide
        case .addressRequests, .addressWindow, .trustedProxies, .forwardedHeader, .corsOrigins: edgeGuide
        case .openAIBaseURL, .openAIKey, .anthropicBaseURL, .anthropicKey, .triageModel, .upstreamTimeout, .onHangUp,
            .bodyMaximum, .callLease:
            gatewayGuide
        case .listenHost, .listenPort, .serviceKeys, .dev, .replica, .shutdownGrace, .logLevel, .logFormat: serviceGuide
        }
    }

    /// The setting's row in the table of `docs/configuration.md`.
    var markdownRow: String {
        let guide = guide
        let flag = isSwitch ? "`--\(flag)`" : "`--\(flag) …`"
        return "| `\(variable)` | `\(key)` | \(flag) | \(guide.allowed) | \(guide.fallback) | \(guide.summary) |"
    }

    /// All rows with their heading.
    static var markdownTable: String {
        let heading = "| environment | YAML | flag | allowed | default | what it does |\n|---|---|---|---|---|---|"
        return ([heading] + allCases.map(\.markdownRow)).joined(separator: "\n")
    }

    private var limitGuide: SettingGuide {
        switch self {
        case .limitRequests:
            SettingGuide(
                summary: "Calls that each user may make in one window.",
                allowed: "0 to 1000000000000000", fallback: "20")
        case .limitWindow:
            SettingGuide(
                summary: "Length of the sliding window, in seconds.",
                allowed: "1 to 31622400", fallback: "3600")
        default:
            SettingGuide(
                summary:
                    "What callers get while the database cannot decide: all admitted, a window local to the replica,"
                    + " or none admitted (503).",
                allowed: "open, bounded, closed", fallback: "open")
        }
    }

    private var databaseGuide: SettingGuide {
        switch self {
        case .databaseURL:
            SettingGuide(
                summary: "The database: a URL or a keyword string of libpq, several hosts allowed.",
                allowed: "postgres://… or key=value …", fallback: "none: an embedded PostgreSQL is used")
        case .dataDirectory:
            SettingGuide(
                summary: "Where the embedded PostgreSQL, the journal and the key made by `sluice up` live.",
                allowed: "a folder",
                fallback:
                    "`$XDG_STATE_HOME/sluice`; else `/var/lib/sluice` for root, `~/.local/state/sluice` for others")
        case .poolSize:
            SettingGuide(
                summary: "Connections to the database, at most.",
                allowed: "1 to 100", fallback: "8")
        default:
            SettingGuide(
                summary:
                    "At start: bring the schema up to date, wait until somebody else does, or take an older one that works.",
                allowed: "run, wait, off", fallback: "wait; run with the embedded PostgreSQL")
        }
    }

    private var pathGuide: SettingGuide {
        switch self {
        case .admissionDeadline:
            SettingGuide(
                summary: "No caller waits longer than this for the database, in milliseconds.",
                allowed: "1 to 60000", fallback: "150")
        case .breakerFailures:
            SettingGuide(
                summary: "Failures in a row after which the database is no longer asked.",
                allowed: "1 to 1000", fallback: "3")
        case .breakerPause:
            SettingGuide(
                summary:
                    "The first pause before the database is tried again, in milliseconds; each further one doubles.",
                allowed: "1 to 3600000", fallback: "250")
        case .breakerPauseMaximum:
            SettingGuide(
                summary: "The longest pause before the database is tried again, in milliseconds.",
                allowed: "1 to 3600000", fallback: "15000")
        case .batchSize:
            SettingGuide(
                summary: "Calls that share one transaction, at most.",
                allowed: "1 to 4096", fallback: "256")
        default:
            SettingGuide(
                summary:
                    "Transactions of admissions under way at once, at most. More than one only when many calls wait, when calls come one by one, or when the one under way takes long.",
                allowed: "1 to 16, not above the pool size", fallback: "2")
        }
    }

    private var journalGuide: SettingGuide {
        switch self {
        case .journalDirectory:
            SettingGuide(
                summary:
                    "Where calls that are let through in an outage wait for their rows; replicas of one machine may share it.",
                allowed: "a folder", fallback: "`journal` in the data directory")
        case .journalSync:
            SettingGuide(
                summary:
                    "What a call waits for before it is let through in an outage: the disk, the operating system, or"
                    + " nothing, and then it never gets a row.",
                allowed: "fsync, os, off", fallback: "fsync")
        case .journalMaximum:
            SettingGuide(
                summary: "Bytes that one replica's journal may hold; about 70 for a call, and its route and model.",
                allowed: "1048576 to 1099511627776", fallback: "1073741824")
        case .journalFull:
            SettingGuide(
                summary:
                    "Calls that the journal cannot take, full or failing: let through and counted as lost, or turned away"
                    + " (503).",
                allowed: "admit, refuse", fallback: "admit")
        default:
            SettingGuide(
                summary:
                    "Share of its time, in percent, that a replica may spend on bringing the journal to the database.",
                allowed: "1 to 100", fallback: "20")
        }
    }

    private var serviceGuide: SettingGuide {
        switch self {
        case .listenHost:
            SettingGuide(
                summary: "The address to listen on.",
                allowed: "an address or a host name", fallback: "127.0.0.1")
        case .listenPort:
            SettingGuide(
                summary: "The port to listen on; 0 takes any free one.",
                allowed: "0 to 65535", fallback: "8080")
        case .serviceKeys:
            SettingGuide(
                summary: "The keys that callers of the HTTP API present as `Authorization: Bearer`.",
                allowed: "comma-separated, distinct, 32 printable ASCII characters or more each",
                fallback: "none: `serve` needs another way to know callers")
        case .dev:
            SettingGuide(
                summary: "Let every caller in without a key; only on a loopback address.",
                allowed: "true, false", fallback: "false")
        case .replica:
            SettingGuide(
                summary: "The replica's name in the ledger and in logs.",
                allowed: "1 to 128 printable ASCII characters", fallback: "host name:port")
        case .shutdownGrace:
            SettingGuide(
                summary: "How long calls under way may take to finish at shutdown, in milliseconds.",
                allowed: "0 to 600000", fallback: "10000")
        case .logLevel:
            SettingGuide(
                summary: "The least severe level that is logged.",
                allowed: "trace, debug, info, notice, warning, error, critical", fallback: "info")
        default:
            SettingGuide(
                summary: "One JSON object a line, or text for people.",
                allowed: "json, text", fallback: "json")
        }
    }
}
