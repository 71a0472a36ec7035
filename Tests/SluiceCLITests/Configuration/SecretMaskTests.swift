import Testing

@testable import SluiceCLI

@Suite("Secrets are masked")
struct SecretMaskTests {
    @Test(
        "Connection strings",
        arguments: [
            ("postgres://h/d", "postgres://h/d"),
            ("postgres://u@h/d", "postgres://u@h/d"),
            ("postgres://u:geheim@h:5432,h2/d?a=b", "postgres://u:********@h:5432,h2/d?a=b"),
            ("postgresql://u:ge@he/im?x@h/d", "postgresql://u:********@h/d"),
            ("postgres:///d?host=/run&password=geheim&user=u", "postgres:///d?host=/run&password=********&user=u"),
            ("postgres:///d?pass%77ord=geheim", "postgres:///d?pass%77ord=********"),
            ("postgres:///d?sslpassword=geheim", "postgres:///d?sslpassword=********"),
            ("host=h password=geheim user=u", "host=h password=******** user=u"),
            ("password = 'ge=he im' host=h", "password=******** host=h"),
            (#"password='ge\' host=heim' host=h"#, "password=******** host=h"),
            (#"password=ge\ heim host=h"#, "password=******** host=h"),
            ("password='geheim", "********"),
            ("geheim", "********"),
        ])
    func connectionStrings(_ text: String, _ shown: String) {
        #expect(SecretMask.connectionString(text) == shown)
    }

    @Test("The listing shows neither password nor keys, and says where each value is from")
    func listing() throws {
        let loaded = try LoadedConfiguration(
            flags: [.listenPort: "81"],
            environment: [
                "DATABASE_URL": "postgres://u:geheim@h/d", "SLUICE_SERVICE_KEYS": "\(firstKey),\(secondKey)",
            ],
            machine: testMachine)
        #expect(loaded.listing.count == Setting.allCases.count)
        let shown = "\(loaded.listing)"
        #expect(!shown.contains("geheim") && !shown.contains(firstKey) && !shown.contains(secondKey))
        let lines = Dictionary(uniqueKeysWithValues: loaded.listing.map { ($0.setting, $0) })
        #expect(lines["SLUICE_SERVICE_KEYS"]?.value == "********,********")
        #expect(lines["DATABASE_URL"]?.source == "environment")
        #expect(lines["LISTEN_PORT"] == .init(setting: "LISTEN_PORT", value: "81", source: "flag"))
        #expect(lines["SLUICE_MIGRATE"] == .init(setting: "SLUICE_MIGRATE", value: "wait", source: "default"))
    }
}
