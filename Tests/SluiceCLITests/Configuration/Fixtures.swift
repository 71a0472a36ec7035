@testable import SluiceCLI

let testMachine = Machine(
    hostName: "host", isRoot: false, home: "/home/ann", stateHome: nil, workingDirectory: "/srv")

let firstKey = String(repeating: "k", count: 32)
let secondKey = String(repeating: "K", count: 40)

/// The configuration that these sources give.
func load(
    environment: [String: String] = [:], yaml: String = "", flags: [Setting: String] = [:],
    machine: Machine = testMachine
) throws -> ProgramConfiguration {
    let values = SettingValues(
        environment: EnvironmentLayer(environment), file: try FileLayer(yaml: yaml, path: "sluice.yaml"), flags: flags)
    return try ProgramConfiguration(values, machine: machine)
}

/// What is wrong with these sources.
func problems(
    environment: [String: String] = [:], yaml: String = "", flags: [Setting: String] = [:],
    machine: Machine = testMachine
) -> [ConfigurationProblem] {
    do {
        _ = try load(environment: environment, yaml: yaml, flags: flags, machine: machine)
        return []
    } catch let error as ConfigurationError {
        return error.problems
    } catch {
        return [ConfigurationProblem(key: "?", value: nil, source: "?", reason: "\(error)")]
    }
}
