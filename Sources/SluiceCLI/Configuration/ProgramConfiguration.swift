import Logging
import Sluice
import SluiceCore
import SluiceJournal
import SluicePostgres

/// Everything that can be set, validated: the one value that the program is composed from.
struct ProgramConfiguration: Sendable {
    /// The service of the person who runs it, or the private one.
    enum Database: Equatable, Sendable {
        case url(String)
        case embedded
    }

    enum LogFormat: String, CaseIterable, Sendable {
        case json, text
    }

    /// When the database is no longer asked, and when it is tried again.
    struct Breaker: Equatable, Sendable {
        let failures: Int
        let pause: Duration
        let maximumPause: Duration
    }

    /// What becomes of calls that are let through without the database.
    struct JournalChoice: Equatable, Sendable {
        enum Sync: String, CaseIterable, Sendable {
            case fsync, os, off
        }

        /// Absolute.
        let directory: String
        let sync: Sync
        let maximumBytes: Int64
        let whenFull: JournalSettings.WhenFull
        /// `1 … 100`
        let replayPercent: Int
    }

    /// How tokens and keys are judged.
    struct Identity: Equatable, Sendable {
        enum KeySet: Equatable, Sendable {
            case url(String)
            /// Absolute.
            case file(String)

            var url: String? { if case .url(let url) = self { url } else { nil } }
            var file: String? { if case .file(let file) = self { file } else { nil } }
        }

        let secret: String?
        let keySet: KeySet?
        let issuer: String?
        let audience: String?
        let leeway: Duration
        let keyGrace: Duration
    }

    /// What stands in front of everything.
    struct Edge: Equatable, Sendable {
        enum ForwardedHeader: String, CaseIterable, Sendable {
            case xForwardedFor = "x-forwarded-for"
            case forwarded
        }

        /// 0 for any number.
        let requests: Int
        let window: Duration
        let trustedProxies: [String]
        let forwardedHeader: ForwardedHeader
        let corsOrigins: [String]
    }

    /// The providers of models, and how their answers are handled.
    struct Gateway: Equatable, Sendable {
        enum HangUp: String, CaseIterable, Sendable {
            case cancel, drain
        }

        /// Of the file, then those of the environment; keys resolved but for those in variables.
        let upstreams: [UpstreamEntry]
        let routes: [RouteEntry]
        let openAIKey: String?
        let anthropicKey: String?
        let triageModel: String?
        let timeout: Duration
        let onHangUp: HangUp
        let bodyMaximum: Int
        let lease: Duration
    }

    let database: Database
    let listenHost: String
    /// `0 … 65535`; 0 takes any free port.
    let listenPort: Int
    let policy: Policy
    /// Empty only with ``isDev`` or for commands that do not serve.
    let serviceKeys: [String]
    let isDev: Bool
    let identity: Identity
    let edge: Edge
    let gateway: Gateway
    let admissionDeadline: Duration
    let breaker: Breaker
    let batchSize: Int
    let batchesInFlight: Int
    let poolSize: Int
    /// What a replica does about the schema when it starts.
    let migration: SchemaMode
    let partitions: PartitionPlan
    /// How long after its end a day of the ledger is sealed.
    let sealAfter: Duration
    let replica: String
    /// Absolute.
    let dataDirectory: String
    let journal: JournalChoice
    let shutdownGrace: Duration
    let logLevel: Logger.Level
    let logFormat: LogFormat
}
