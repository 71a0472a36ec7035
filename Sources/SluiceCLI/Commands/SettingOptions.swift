import ArgumentParser
import FoundationEssentials

/// The flags of every setting, which are the strongest source.
///
/// All are texts here: the environment, the file and the flags are judged by the same code.
struct SettingOptions: ParsableArguments {
    @Option(name: .long, help: "A YAML file of settings; SLUICE_CONFIG names it too.", completion: .file())
    var config: String?

    @Option(name: .setting(.databaseURL), help: .setting(.databaseURL)) var databaseURL: String?
    @Option(name: .setting(.listenHost), help: .setting(.listenHost)) var listenHost: String?
    @Option(name: .setting(.listenPort), help: .setting(.listenPort)) var listenPort: String?
    @Option(name: .setting(.limitRequests), help: .setting(.limitRequests)) var limitRequests: String?
    @Option(name: .setting(.limitWindow), help: .setting(.limitWindow)) var limitWindow: String?
    @Option(name: .setting(.serviceKeys), help: .setting(.serviceKeys)) var serviceKeys: String?
    @Flag(name: .setting(.dev), help: .setting(.dev)) var dev = false
    @Option(name: .setting(.jwtSecret), help: .setting(.jwtSecret)) var jwtSecret: String?
    @Option(name: .setting(.jwksURL), help: .setting(.jwksURL)) var jwksURL: String?
    @Option(name: .setting(.jwksFile), help: .setting(.jwksFile)) var jwksFile: String?
    @Option(name: .setting(.jwtIssuer), help: .setting(.jwtIssuer)) var jwtIssuer: String?
    @Option(name: .setting(.jwtAudience), help: .setting(.jwtAudience)) var jwtAudience: String?
    @Option(name: .setting(.jwtLeeway), help: .setting(.jwtLeeway)) var jwtLeeway: String?
    @Option(name: .setting(.keyGrace), help: .setting(.keyGrace)) var keyGrace: String?
    @Option(name: .setting(.addressRequests), help: .setting(.addressRequests)) var addressRequests: String?
    @Option(name: .setting(.addressWindow), help: .setting(.addressWindow)) var addressWindow: String?
    @Option(name: .setting(.trustedProxies), help: .setting(.trustedProxies)) var trustedProxies: String?
    @Option(name: .setting(.forwardedHeader), help: .setting(.forwardedHeader)) var forwardedHeader: String?
    @Option(name: .setting(.corsOrigins), help: .setting(.corsOrigins)) var corsOrigins: String?
    @Option(name: .setting(.openAIBaseURL), help: .setting(.openAIBaseURL)) var openAIBaseURL: String?
    @Option(name: .setting(.openAIKey), help: .setting(.openAIKey)) var openAIKey: String?
    @Option(name: .setting(.anthropicBaseURL), help: .setting(.anthropicBaseURL)) var anthropicBaseURL: String?
    @Option(name: .setting(.anthropicKey), help: .setting(.anthropicKey)) var anthropicKey: String?
    @Option(name: .setting(.triageModel), help: .setting(.triageModel)) var triageModel: String?
    @Option(name: .setting(.upstreamTimeout), help: .setting(.upstreamTimeout)) var upstreamTimeout: String?
    @Option(name: .setting(.onHangUp), help: .setting(.onHangUp)) var onHangUp: String?
    @Option(name: .setting(.bodyMaximum), help: .setting(.bodyMaximum)) var bodyMaximum: String?
    @Option(name: .setting(.callLease), help: .setting(.callLease)) var callLease: String?
    @Option(name: .setting(.onOutage), help: .setting(.onOutage)) var onOutage: String?
    @Option(name: .setting(.admissionDeadline), help: .setting(.admissionDeadline)) var admissionDeadline: String?
    @Option(name: .setting(.breakerFailures), help: .setting(.breakerFailures)) var breakerFailures: String?
    @Option(name: .setting(.breakerPause), help: .setting(.breakerPause)) var breakerPause: String?
    @Option(name: .setting(.breakerPauseMaximum), help: .setting(.breakerPauseMaximum))
    var breakerPauseMaximum: String?
    @Option(name: .setting(.batchSize), help: .setting(.batchSize)) var batchSize: String?
    @Option(name: .setting(.batchesInFlight), help: .setting(.batchesInFlight)) var batchesInFlight: String?
    @Option(name: .setting(.poolSize), help: .setting(.poolSize)) var poolSize: String?
    @Option(name: .setting(.migrate), help: .setting(.migrate)) var migrate: String?
    @Option(name: .setting(.partitionsAhead), help: .setting(.partitionsAhead)) var partitionsAhead: String?
    @Option(name: .setting(.partitionBy), help: .setting(.partitionBy)) var partitionBy: String?
    @Option(name: .setting(.retentionDays), help: .setting(.retentionDays)) var retentionDays: String?
    @Option(name: .setting(.retentionAction), help: .setting(.retentionAction)) var retentionAction: String?
    @Option(name: .setting(.retentionExportDirectory), help: .setting(.retentionExportDirectory))
    var retentionExportDirectory: String?
    @Option(name: .setting(.sealAfter), help: .setting(.sealAfter)) var sealAfter: String?
    @Option(name: .setting(.replica), help: .setting(.replica)) var replica: String?
    @Option(name: .setting(.dataDirectory), help: .setting(.dataDirectory)) var dataDirectory: String?
    @Option(name: .setting(.journalDirectory), help: .setting(.journalDirectory)) var journalDirectory: String?
    @Option(name: .setting(.journalSync), help: .setting(.journalSync)) var journalSync: String?
    @Option(name: .setting(.journalMaximum), help: .setting(.journalMaximum)) var journalMaximum: String?
    @Option(name: .setting(.journalFull), help: .setting(.journalFull)) var journalFull: String?
    @Option(name: .setting(.journalReplayShare), help: .setting(.journalReplayShare)) var journalReplayShare: String?
    @Option(name: .setting(.shutdownGrace), help: .setting(.shutdownGrace)) var shutdownGrace: String?
    @Option(name: .setting(.logLevel), help: .setting(.logLevel)) var logLevel: String?
    @Option(name: .setting(.logFormat), help: .setting(.logFormat)) var logFormat: String?

    /// What was given on the command line.
    var flags: [Setting: String] {
        let given: [(Setting, String?)] = [
            (.databaseURL, databaseURL), (.listenHost, listenHost), (.listenPort, listenPort),
            (.limitRequests, limitRequests), (.limitWindow, limitWindow), (.serviceKeys, serviceKeys),
            (.dev, dev ? "true" : nil),
            (.jwtSecret, jwtSecret), (.jwksURL, jwksURL), (.jwksFile, jwksFile), (.jwtIssuer, jwtIssuer),
            (.jwtAudience, jwtAudience), (.jwtLeeway, jwtLeeway), (.keyGrace, keyGrace),
            (.addressRequests, addressRequests), (.addressWindow, addressWindow), (.trustedProxies, trustedProxies),
            (.forwardedHeader, forwardedHeader), (.corsOrigins, corsOrigins), (.openAIBaseURL, openAIBaseURL),
            (.openAIKey, openAIKey), (.anthropicBaseURL, anthropicBaseURL), (.anthropicKey, anthropicKey),
            (.triageModel, triageModel), (.upstreamTimeout, upstreamTimeout), (.onHangUp, onHangUp),
            (.bodyMaximum, bodyMaximum), (.callLease, callLease),
            (.onOutage, onOutage), (.admissionDeadline, admissionDeadline),
            (.breakerFailures, breakerFailures), (.breakerPause, breakerPause),
            (.breakerPauseMaximum, breakerPauseMaximum), (.batchSize, batchSize), (.batchesInFlight, batchesInFlight),
            (.poolSize, poolSize), (.migrate, migrate), (.partitionsAhead, partitionsAhead),
            (.partitionBy, partitionBy),
            (.retentionDays, retentionDays), (.retentionAction, retentionAction),
            (.retentionExportDirectory, retentionExportDirectory), (.sealAfter, sealAfter), (.replica, replica),
            (.dataDirectory, dataDirectory), (.journalDirectory, journalDirectory), (.journalSync, journalSync),
            (.journalMaximum, journalMaximum), (.journalFull, journalFull), (.journalReplayShare, journalReplayShare),
            (.shutdownGrace, shutdownGrace), (.logLevel, logLevel),
            (.logFormat, logFormat),
        ]
        return Dictionary(uniqueKeysWithValues: given.compactMap { setting, text in text.map { (setting, $0) } })
    }

    /// The configuration of this process.
    ///
    /// - Throws: ``ConfigurationError`` with everything that is wrong.
    func load() throws(ConfigurationError) -> LoadedConfiguration {
        try LoadedConfiguration(flags: flags, file: config, environment: ProcessInfo.processInfo.environment)
    }
}

extension NameSpecification {
    fileprivate static func setting(_ setting: Setting) -> NameSpecification { .customLong(setting.flag) }
}

extension ArgumentHelp {
    fileprivate static func setting(_ setting: Setting) -> ArgumentHelp {
        let guide = setting.guide
        let form = setting.isSwitch ? "" : " \(guide.allowed);"
        return ArgumentHelp("\(guide.summary)", discussion: "\(setting.variable):\(form) default \(guide.fallback).")
    }
}
