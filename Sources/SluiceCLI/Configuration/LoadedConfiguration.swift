import Logging
import Sluice
import SluiceCore
import SluiceJournal
import SluicePostgres

/// A configuration together with how it came about.
struct LoadedConfiguration: Sendable {
    let configuration: ProgramConfiguration
    let values: SettingValues
    /// What looks like a mistake and does not stop the start.
    let warnings: [String]

    /// Reads the environment, then the file named by `--config` or `SLUICE_CONFIG`, then the flags.
    ///
    /// - Throws: ``ConfigurationError`` with everything that is wrong.
    init(
        flags: [Setting: String] = [:], file: String? = nil, environment: [String: String], machine: Machine? = nil
    ) throws(ConfigurationError) {
        let machine = machine ?? .current(environment)
        let environmentLayer = EnvironmentLayer(environment)
        let named = file ?? environment["SLUICE_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let fileLayer = if let named { try FileLayer(path: named) } else { FileLayer.empty }
        values = SettingValues(environment: environmentLayer, file: fileLayer, flags: flags)
        configuration = try ProgramConfiguration(values, machine: machine)
        warnings = environmentLayer.warnings
    }

    /// Every setting with its effective value, secrets masked, in the order of ``Setting``.
    var listing: [Line] {
        Setting.allCases.map { setting in
            Line(
                setting: setting.variable, value: configuration.shown(setting), source: values.source(of: setting).label
            )
        }
    }

    /// One line of `sluice config`.
    struct Line: Encodable, Equatable {
        let setting: String
        let value: String
        let source: String
    }
}

extension ProgramConfiguration {
    /// The effective value as text that may be shown.
    func shown(_ setting: Setting) -> String {
        switch setting {
        case .databaseURL:
            switch database {
            case .url(let url): SecretMask.connectionString(url)
            case .embedded: "embedded"
            }
        case .listenHost: listenHost
        case .listenPort: "\(listenPort)"
        case .limitRequests: "\(policy.windows.first?.limit ?? 0)"
        case .limitWindow: "\(policy.windows.first?.length.components.seconds ?? 0)"
        case .serviceKeys: SecretMask.keys(serviceKeys.joined(separator: ","))
        case .dev: "\(isDev)"
        case .jwtSecret: identity.secret.map { _ in SecretMask.mask } ?? ""
        case .jwksURL: identity.keySet?.url ?? ""
        case .jwksFile: identity.keySet?.file ?? ""
        case .jwtIssuer: identity.issuer ?? ""
        case .jwtAudience: identity.audience ?? ""
        case .jwtLeeway: Self.seconds(identity.leeway)
        case .keyGrace: Self.seconds(identity.keyGrace)
        case .addressRequests: "\(edge.requests)"
        case .addressWindow: Self.seconds(edge.window)
        case .trustedProxies: edge.trustedProxies.joined(separator: ",")
        case .forwardedHeader: edge.forwardedHeader.rawValue
        case .corsOrigins: edge.corsOrigins.joined(separator: ",")
        case .openAIBaseURL: gateway.upstreams.first { $0.name == "openai" }?.baseURL ?? ""
        case .openAIKey: gateway.openAIKey.map { _ in SecretMask.mask } ?? ""
        case .anthropicBaseURL: gateway.upstreams.first { $0.name == "anthropic" }?.baseURL ?? ""
        case .anthropicKey: gateway.anthropicKey.map { _ in SecretMask.mask } ?? ""
        case .triageModel: gateway.triageModel ?? ""
        case .upstreamTimeout: Self.seconds(gateway.timeout)
        case .onHangUp: gateway.onHangUp.rawValue
        case .bodyMaximum: "\(gateway.bodyMaximum)"
        case .callLease: Self.seconds(gateway.lease)
        case .onOutage: policy.onOutage.rawValue
        case .admissionDeadline: Self.milliseconds(admissionDeadline)
        case .breakerFailures: "\(breaker.failures)"
        case .breakerPause: Self.milliseconds(breaker.pause)
        case .breakerPauseMaximum: Self.milliseconds(breaker.maximumPause)
        case .batchSize: "\(batchSize)"
        case .batchesInFlight: "\(batchesInFlight)"
        case .poolSize: "\(poolSize)"
        case .migrate: migration.rawValue
        case .partitionsAhead: "\(partitions.daysAhead)"
        case .partitionBy: partitions.unit.rawValue
        case .retentionDays: "\(partitions.retention?.days ?? 0)"
        case .retentionAction: (partitions.retention?.action ?? .drop).rawValue
        case .retentionExportDirectory: partitions.retention?.exportFolder ?? ""
        case .sealAfter: "\(sealAfter.components.seconds / 3_600)"
        case .replica: replica
        case .dataDirectory: dataDirectory
        case .journalDirectory: journal.directory
        case .journalSync: journal.sync.rawValue
        case .journalMaximum: "\(journal.maximumBytes)"
        case .journalFull: journal.whenFull.rawValue
        case .journalReplayShare: "\(journal.replayPercent)"
        case .shutdownGrace: Self.milliseconds(shutdownGrace)
        case .logLevel: logLevel.rawValue
        case .logFormat: logFormat.rawValue
        }
    }

    private static func seconds(_ duration: Duration) -> String { "\(duration.components.seconds)" }
    private static func milliseconds(_ duration: Duration) -> String { "\(duration.wholeMicroseconds / 1_000)" }
}
