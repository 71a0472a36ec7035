import SluiceGateway
import Testing

@testable import SluiceCLI

@Suite("Upstreams and routes")
struct UpstreamEntryTests {
    private let file = """
        upstreams:
          - name: openai
            kind: openai
            api_key_env: MY_KEY
            default: true
          - {name: local, kind: openai, base_url: "http://127.0.0.1:1/v1"}
        routes:
          - {model: llama-*, upstream: local}
          - {model: house, upstream: openai, upstream_model: gpt-4o-mini}
        """

    @Test("From the file, with the key out of a variable")
    func fromFile() throws {
        let gateway = try load(yaml: file).gateway
        let routing = try gateway.routing(["MY_KEY": "sk-secret"])
        #expect(routing.target(of: "llama-3", for: .chat)?.upstream.name == "local")
        #expect(routing.target(of: "house", for: .chat)?.model == "gpt-4o-mini")
        #expect(routing.target(of: "anything", for: .chat)?.upstream.name == "openai")
        #expect(routing.target(of: "anything", for: .messages) == nil)
        #expect(routing.upstream(named: "openai")?.key != nil)
        let error = #expect(throws: ConfigurationError.self) { try gateway.routing([:]) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("upstream openai, api_key"))
    }

    @Test("From the environment: an address, a key, or both")
    func fromEnvironment() throws {
        let gateway = try load(environment: [
            "SLUICE_OPENAI_API_KEY": "sk-1", "SLUICE_ANTHROPIC_BASE_URL": "http://localhost:9",
        ]).gateway
        #expect(
            gateway.upstreams == [
                UpstreamEntry(
                    name: "openai", kind: .openai, baseURL: "https://api.openai.com/v1", key: .text("sk-1")),
                UpstreamEntry(name: "anthropic", kind: .anthropic, baseURL: "http://localhost:9", key: .none),
            ])
        #expect(try load().gateway.upstreams.isEmpty)
    }

    @Test("The secret that ties attempts together is of all secrets, and the same whichever order the keys have")
    func sharedSecret() throws {
        let keys = [firstKey, secondKey]
        let secrets = try [keys, keys.reversed()].map { keys in
            try load(environment: ["SLUICE_SERVICE_KEYS": keys.joined(separator: ","), "SLUICE_OPENAI_API_KEY": "sk-1"])
                .sharedSecret([:])
        }
        #expect(secrets[0] == secrets[1])
        #expect(secrets[0] != (try load(environment: ["SLUICE_OPENAI_API_KEY": "sk-2"]).sharedSecret([:])))
    }

    @Test(
        "What is refused",
        arguments: [
            ("upstreams: {a: b}", "upstreams (sluice.yaml:1): is no list"),
            ("upstreams: [a]", "upstreams[1] (sluice.yaml:1): is no mapping"),
            ("upstreams:\n  - kind: openai", "upstreams[1].name (sluice.yaml:2): is missing: write name: openai"),
            ("upstreams:\n  - {name: a, kind: azure}", "upstreams[1].kind (sluice.yaml:2): is neither openai nor"),
            (
                "upstreams:\n  - {name: a, kind: openai, api_key: x, api_key_env: Y}",
                "upstreams[1].api_key_env (sluice.yaml:2): stands beside api_key"
            ),
            ("upstreams:\n  - {name: a, kind: openai, defualt: true}", "is unknown; did you mean default?"),
            ("upstreams:\n  - {name: a, kind: openai, default: yes!}", "is neither true nor false"),
            (
                "upstreams:\n  - {name: a, kind: openai, base_url: }",
                "upstreams[1].base_url (sluice.yaml:2): has no value"
            ),
            ("routes:\n  - {model: a}", "routes[1].upstream (sluice.yaml:2): is missing"),
        ])
    func refusals(_ yaml: String, _ message: String) {
        let found = problems(yaml: yaml)
        #expect(
            "\(ConfigurationError(problems: found))".contains(message), "\(ConfigurationError(problems: found))")
    }

    @Test("An upstream of the file's name in the environment")
    func nameTwice() {
        let found = problems(environment: ["SLUICE_OPENAI_BASE_URL": "https://x.example/v1"], yaml: file)
        #expect(found.first?.reason.contains("which the configuration file has too") == true)
    }

    @Test("Keys are never shown, not even wrong ones")
    func secrets() throws {
        let configuration = try load(environment: [
            "JWT_SECRET": firstKey, "SLUICE_OPENAI_API_KEY": "sk-canary", "SLUICE_ANTHROPIC_API_KEY": "sk-canary",
        ])
        for setting in Setting.allCases { #expect(!configuration.shown(setting).contains("canary")) }
        #expect(configuration.shown(.jwtSecret) == SecretMask.mask)
        let wrong = problems(environment: ["SLUICE_OPENAI_API_KEY": "canary canary", "JWT_SECRET": "canary"])
        #expect(wrong.count == 2 && !"\(ConfigurationError(problems: wrong))".contains("canary"))
    }

    @Test("What only the service can judge stops the start as well")
    func service() throws {
        let configuration = try load(environment: [
            "SLUICE_SERVICE_KEYS": firstKey, "SLUICE_TRUSTED_PROXIES": "10.0.0.0/8, 10.0.0.1/8",
        ])
        let error = #expect(throws: ConfigurationError.self) { _ = try configuration.service() }
        #expect("\(error.map { "\($0)" } ?? "")".contains("10.0.0.1/8"))
        #expect(throws: Never.self) { _ = try load(environment: ["JWT_SECRET": firstKey]).service() }
    }
}
