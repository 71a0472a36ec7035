/// The settings that the environment holds: the weakest layer.
struct EnvironmentLayer: Sendable {
    let values: [Setting: SettingText]
    /// Variables that look meant for Sluice and are not read by it. Not an error: an environment is shared.
    let warnings: [String]

    /// What the names of settings begin with.
    private static let prefixes = [Setting.prefix, "LLM_RATE_LIMIT_", "RATE_LIMIT_", "JWT_", "JWKS_"]

    /// Variables that are read elsewhere in the program.
    static let others: Set<String> = ["SLUICE_CONFIG", "SLUICE_UP_PORTS"]

    /// An empty variable counts as unset: that is what `${X:-}` in a compose file means.
    init(_ environment: [String: String]) {
        var values: [Setting: SettingText] = [:]
        for setting in Setting.allCases {
            guard let text = environment[setting.variable], !text.isEmpty else { continue }
            values[setting] = SettingText(text: text, source: .environment)
        }
        self.values = values
        warnings = environment.keys.filter(Self.isUnknown).sorted().map(Self.warning)
    }

    private static func isUnknown(_ variable: String) -> Bool {
        guard prefixes.contains(where: variable.hasPrefix) else { return false }
        return Setting(rawValue: variable) == nil && !others.contains(variable) && !isFromKubernetes(variable)
    }

    /// Kubernetes gives every pod such variables for a Service that is called `sluice`.
    private static func isFromKubernetes(_ variable: String) -> Bool {
        variable == "SLUICE_SERVICE_HOST" || variable == "SLUICE_PORT"
            || variable.hasPrefix("SLUICE_SERVICE_PORT") || variable.hasPrefix("SLUICE_PORT_")
    }

    private static func warning(for variable: String) -> String {
        let known = Setting.allCases.map(\.variable) + others.sorted()
        return "\(variable) (environment): unknown setting, ignored" + Suggestion.hint(for: variable, among: known)
    }
}
