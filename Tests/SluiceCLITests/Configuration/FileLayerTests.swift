import Testing

@testable import SluiceCLI

@Suite("The YAML file")
struct FileLayerTests {
    @Test("Every setting has its key")
    func keys() throws {
        for setting in Setting.allCases {
            let layer = try FileLayer(yaml: "# comment\n\(setting.key): value", path: "f")
            #expect(layer.values == [setting: SettingText(text: "value", source: .file(path: "f", line: 2))])
        }
    }

    @Test("Values are taken as they are written")
    func verbatim() throws {
        let yaml = """
            listen_port: 08080
            dev: true
            replica: "a: b"
            on_outage: 'closed'
            service_keys:
              - \(firstKey)
              - \(secondKey)
            """
        let values = try FileLayer(yaml: yaml, path: "f").values.mapValues(\.text)
        #expect(
            values == [
                .listenPort: "08080", .dev: "true", .replica: "a: b", .onOutage: "closed",
                .serviceKeys: "\(firstKey),\(secondKey)",
            ])
    }

    @Test("Nothing in it", arguments: ["", "# only a comment", "---", "null"])
    func empty(_ yaml: String) throws {
        #expect(try FileLayer(yaml: yaml, path: "f").values.isEmpty)
    }

    @Test(
        "What it refuses",
        arguments: [
            ("listen_prot: 1", "listen_prot (f:1): unknown setting; did you mean listen_port?"),
            ("a: 1\nLISTEN_PORT: 1", "LISTEN_PORT (f:2): unknown setting; did you mean listen_port?"),
            ("server: {port: 1}", "server (f:1): unknown setting"),
            ("listen_port:", "listen_port (f:1): has no value"),
            ("listen_port: ''", "has no value"),
            ("listen_port: [1, 2]", "has no value: write one text"),
            ("service_keys: []", "has no value: write a text or a list of texts"),
            ("service_keys: [{a: b}]", "has no value"),
            ("listen_port: 1\nlisten_port: 2", "is not valid YAML: given twice: listen_port"),
            ("listen_port: [", "is not valid YAML"),
            ("- a", "must be one mapping"),
            ("text", "must be one mapping"),
        ])
    func refusals(_ yaml: String, _ message: String) {
        let error = #expect(throws: ConfigurationError.self) { try FileLayer(yaml: yaml, path: "f") }
        #expect("\(error.map { "\($0)" } ?? "")".contains(message), "\(String(describing: error))")
    }

    @Test(
        "A broken file is not quoted: its secrets stay in it",
        arguments: [
            "listen_port: 1\nlisten_port: 2\nservice_keys: [TOPSECRET]\ndatabase_url: postgres://u:TOPSECRET@h/db",
            "database_url: \"TOPSECRET", "service_keys: [TOPSECRET", "a: b: TOPSECRET", "database_url: %TOPSECRET",
        ])
    func secrets(_ yaml: String) {
        let error = #expect(throws: ConfigurationError.self) { try FileLayer(yaml: yaml, path: "f") }
        #expect(!"\(error.map { "\($0)" } ?? "TOPSECRET")".contains("TOPSECRET"))
    }

    @Test("A file that is not there")
    func missing() {
        let error = #expect(throws: ConfigurationError.self) { try FileLayer(path: "/nowhere/sluice.yaml") }
        #expect(error?.problems.first?.key == "/nowhere/sluice.yaml")
    }

    @Test("Unknown variables that look like ours are warned of; those that Kubernetes makes are not")
    func unknownVariables() {
        let environment = EnvironmentLayer([
            "SLUICE_POOL_SIZ": "3", "LLM_RATE_LIMIT_REQUEST": "3", "SLUICE_CONFIG": "f", "SLUICE_UP_PORTS": "1",
            "SLUICE_SERVICE_HOST": "10.0.0.1", "SLUICE_SERVICE_PORT_HTTP": "8080",
            "SLUICE_PORT_8080_TCP_ADDR": "10.0.0.1", "SLUICE_PORT": "tcp://10.0.0.1:8080", "OTHER": "1",
        ])
        #expect(
            environment.warnings == [
                "LLM_RATE_LIMIT_REQUEST (environment): unknown setting, ignored;"
                    + " did you mean LLM_RATE_LIMIT_REQUESTS?",
                "SLUICE_POOL_SIZ (environment): unknown setting, ignored; did you mean SLUICE_POOL_SIZE?",
            ])
        #expect(environment.values.isEmpty)
    }
}
