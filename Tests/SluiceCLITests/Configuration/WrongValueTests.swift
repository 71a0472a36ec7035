import Testing

@testable import SluiceCLI

@Suite("A wrong value stops the start and says why")
struct WrongValueTests {
    struct Case: CustomTestStringConvertible {
        let setting: Setting
        let text: String
        let reason: String

        var testDescription: String { "\(setting.variable)=\(text)" }
    }

    static let cases = [
        Case(setting: .listenPort, text: "80a", reason: "is not a whole number: use 0 to 65535"),
        Case(setting: .listenPort, text: "65536", reason: "is out of range: use 0 to 65535"),
        Case(setting: .listenPort, text: "-1", reason: "is out of range"),
        Case(setting: .listenPort, text: " 80", reason: "is not a whole number"),
        Case(setting: .listenPort, text: "0x50", reason: "is not a whole number"),
        Case(setting: .listenPort, text: "8080.0", reason: "is not a whole number"),
        Case(setting: .listenHost, text: "localhost:80", reason: "without a port"),
        Case(setting: .limitRequests, text: "-1", reason: "is out of range: use 0 to 1000000000000000"),
        Case(setting: .limitRequests, text: "twenty", reason: "is not a whole number"),
        Case(setting: .limitRequests, text: "99999999999999999999", reason: "is not a whole number"),
        Case(setting: .limitWindow, text: "0", reason: "is out of range: use 1 to 31622400"),
        Case(setting: .limitWindow, text: "1h", reason: "is not a whole number"),
        Case(setting: .onOutage, text: "opne", reason: "is none of open, bounded, closed; did you mean open?"),
        Case(setting: .admissionDeadline, text: "0", reason: "use 1 to 60000"),
        Case(setting: .breakerPauseMaximum, text: "100", reason: "is shorter than the first pause"),
        Case(setting: .batchSize, text: "0", reason: "use 1 to 4096"),
        Case(setting: .batchesInFlight, text: "9", reason: "is above SLUICE_POOL_SIZE, which is 8"),
        Case(setting: .poolSize, text: "1000", reason: "use 1 to 100"),
        Case(setting: .migrate, text: "yes", reason: "is none of run, wait, off"),
        Case(setting: .partitionBy, text: "weak", reason: "is none of day, month"),
        Case(setting: .retentionDays, text: "30", reason: "is out of range: use 0, or 31 to 100000"),
        Case(setting: .retentionDays, text: "a year", reason: "is not a whole number"),
        Case(setting: .retentionAction, text: "dorp", reason: "is none of drop, detach, export; did you mean drop?"),
        Case(setting: .retentionAction, text: "export", reason: "needs a folder: set SLUICE_RETENTION_EXPORT_DIR"),
        Case(setting: .journalDirectory, text: "a\nb", reason: "is no usable path"),
        Case(setting: .journalSync, text: "fsynk", reason: "is none of fsync, os, off; did you mean fsync?"),
        Case(setting: .journalMaximum, text: "1048575", reason: "use 1048576 to 1099511627776"),
        Case(setting: .journalMaximum, text: "1GiB", reason: "is not a whole number"),
        Case(setting: .journalFull, text: "drop", reason: "is none of admit, refuse"),
        Case(setting: .journalReplayShare, text: "0", reason: "use 1 to 100"),
        Case(setting: .logLevel, text: "INFO", reason: "did you mean info?"),
        Case(setting: .logFormat, text: "xml", reason: "is none of json, text"),
        Case(setting: .dev, text: "yes", reason: "is neither true nor false"),
        Case(setting: .replica, text: "re\nplica", reason: "use 1 to 128 printable ASCII characters"),
        Case(setting: .databaseURL, text: "localhost", reason: "use postgres://"),
        Case(setting: .databaseURL, text: "postgres://h/d?sslmod=off", reason: "sslmod"),
        Case(setting: .jwtSecret, text: "short", reason: "is 5 bytes long: use 32 or more"),
        Case(setting: .jwksURL, text: "http://issuer.example.com/keys", reason: "use https://"),
        Case(setting: .jwksURL, text: "issuer", reason: "is no usable address"),
        Case(setting: .jwtLeeway, text: "601", reason: "use 0 to 600"),
        Case(setting: .keyGrace, text: "1h", reason: "is not a whole number"),
        Case(setting: .addressRequests, text: "-1", reason: "use 0 to 1000000"),
        Case(setting: .addressWindow, text: "0", reason: "use 1 to 86400"),
        Case(setting: .forwardedHeader, text: "x-forwarded", reason: "is none of x-forwarded-for, forwarded"),
        Case(setting: .corsOrigins, text: "https://a.example/page", reason: "which is no origin"),
        Case(setting: .openAIBaseURL, text: "api.openai.com", reason: "is no usable address: use https://"),
        Case(setting: .openAIKey, text: "a key", reason: "a header cannot"),
        Case(setting: .onHangUp, text: "stop", reason: "is none of cancel, drain"),
        Case(setting: .bodyMaximum, text: "1", reason: "use 1024 to 1073741824"),
        Case(setting: .callLease, text: "59", reason: "use 60 to 86400"),
        Case(setting: .upstreamTimeout, text: "0", reason: "use 1 to 3600"),
        Case(setting: .serviceKeys, text: "short", reason: "key 1 of 1 is 5 characters long: use 32 or more"),
        Case(setting: .serviceKeys, text: "\(firstKey),", reason: "key 2 of 2 is 0 characters long"),
        Case(setting: .serviceKeys, text: "\(firstKey), \(firstKey)", reason: "holds one key twice"),
        Case(setting: .serviceKeys, text: "\(firstKey) \(firstKey)", reason: "a header cannot"),
    ]

    @Test("From the environment and from a flag, never the default instead", arguments: cases)
    func wrongValue(_ example: Case) throws {
        let fromEnvironment = try #require(problems(environment: [example.setting.variable: example.text]).first)
        #expect(fromEnvironment.key == example.setting.variable)
        #expect(fromEnvironment.source == "environment")
        #expect(fromEnvironment.reason.contains(example.reason), "\(fromEnvironment.reason)")
        let fromFlag = try #require(problems(flags: [example.setting: example.text]).first)
        #expect(fromFlag.key == "--\(example.setting.flag)")
        #expect(fromFlag.reason == fromEnvironment.reason)
    }

    @Test("The value is quoted, but for secrets")
    func quoting() {
        #expect(
            "\(ConfigurationError(problems: problems(environment: ["LISTEN_PORT": "80a"])))"
                == "LISTEN_PORT = \"80a\" (environment): is not a whole number: use 0 to 65535")
        for text in ["geheim", "\(firstKey),\(firstKey)"] {
            let shown = "\(problems(environment: ["SLUICE_SERVICE_KEYS": text]))"
            #expect(!shown.contains("geheim") && !shown.contains(firstKey))
        }
        let url = "\(problems(environment: ["DATABASE_URL": "postgres://u:geheim@h:port/d"]))"
        #expect(url.contains("DATABASE_URL") && !url.contains("geheim"))
    }

    @Test("All of them at once")
    func allAtOnce() {
        let found = problems(environment: ["LISTEN_PORT": "x", "SLUICE_POOL_SIZE": "0", "SLUICE_ON_OUTAGE": "?"])
        #expect(Set(found.map(\.key)) == ["LISTEN_PORT", "SLUICE_POOL_SIZE", "SLUICE_ON_OUTAGE"])
    }

    @Test("Serving needs a key or --dev, and --dev a loopback address")
    func callers() throws {
        #expect(throws: ConfigurationError.self) { try load().checkCallers() }
        try load(environment: ["SLUICE_SERVICE_KEYS": "\(firstKey), \(secondKey)"]).checkCallers()
        try load(flags: [.dev: "true"]).checkCallers()
        #expect(problems(flags: [.dev: "true", .listenHost: "0.0.0.0"]).first?.reason.contains("no loopback") == true)
        #expect(problems(flags: [.dev: "true", .listenHost: "::1"]).isEmpty)
    }
}
