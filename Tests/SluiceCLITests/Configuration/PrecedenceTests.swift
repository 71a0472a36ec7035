import Sluice
import SluiceCore
import Testing

@testable import SluiceCLI

@Suite("Environment < file < flags")
struct PrecedenceTests {
    struct Case: CustomTestStringConvertible {
        let environment: String?
        let file: String?
        let flag: String?
        let port: Int
        let source: String

        var testDescription: String { "\(environment ?? "-") \(file ?? "-") \(flag ?? "-")" }
    }

    static let cases = [
        Case(environment: nil, file: nil, flag: nil, port: 8080, source: "default"),
        Case(environment: "1", file: nil, flag: nil, port: 1, source: "environment"),
        Case(environment: "", file: nil, flag: nil, port: 8080, source: "default"),
        Case(environment: nil, file: "2", flag: nil, port: 2, source: "sluice.yaml:1"),
        Case(environment: "1", file: "2", flag: nil, port: 2, source: "sluice.yaml:1"),
        Case(environment: nil, file: nil, flag: "3", port: 3, source: "flag"),
        Case(environment: "1", file: nil, flag: "3", port: 3, source: "flag"),
        Case(environment: nil, file: "2", flag: "3", port: 3, source: "flag"),
        Case(environment: "1", file: "2", flag: "3", port: 3, source: "flag"),
    ]

    @Test("The strongest source wins", arguments: cases)
    func strongestWins(_ example: Case) throws {
        let environment = example.environment.map { ["LISTEN_PORT": $0] } ?? [:]
        let yaml = example.file.map { "listen_port: \($0)" } ?? ""
        let flags = example.flag.map { [Setting.listenPort: $0] } ?? [:]
        #expect(try load(environment: environment, yaml: yaml, flags: flags).listenPort == example.port)
        let values = SettingValues(
            environment: EnvironmentLayer(environment), file: try FileLayer(yaml: yaml, path: "sluice.yaml"),
            flags: flags)
        #expect(values.source(of: .listenPort).label == example.source)
    }

    @Test("A weaker source's wrong value does not matter where a stronger one is right")
    func coveredMistake() throws {
        #expect(try load(environment: ["LISTEN_PORT": "80a"], flags: [.listenPort: "81"]).listenPort == 81)
    }

    @Test("The defaults")
    func defaults() throws {
        let configuration = try load()
        #expect(configuration.database == .embedded)
        let policy = try Policy.standard(limit: 20, length: .seconds(3_600), onOutage: .open)
        #expect(configuration.policy == policy)
        #expect(configuration.admissionDeadline == .milliseconds(150))
        #expect(configuration.migration == .migrate)
        #expect(configuration.replica == "host:8080")
        #expect(configuration.dataDirectory == "/home/ann/.local/state/sluice")
        #expect(try load(environment: ["DATABASE_URL": "postgres://h/d"]).migration == .wait)
    }

    @Test("Where data is kept by default")
    func dataDirectory() throws {
        let root = Machine(hostName: "h", isRoot: true, home: "/root", stateHome: nil, workingDirectory: "/")
        #expect(try load(machine: root).dataDirectory == "/var/lib/sluice")
        let state = Machine(hostName: "h", isRoot: true, home: "/root", stateHome: "/s", workingDirectory: "/")
        #expect(try load(machine: state).dataDirectory == "/s/sluice")
        let homeless = Machine(hostName: "h", isRoot: false, home: nil, stateHome: nil, workingDirectory: "/")
        #expect(problems(machine: homeless).map(\.key) == ["SLUICE_DATA_DIR"])
        #expect(try load(flags: [.dataDirectory: "x/y"]).dataDirectory == "/srv/x/y")
        #expect(try load(flags: [.dataDirectory: "~/y"]).dataDirectory == "/home/ann/y")
    }
}
