/// Where a setting's value came from.
enum SettingSource: Hashable, Sendable {
    case fallback
    case environment
    case file(path: String, line: Int)
    case flag

    /// One word, as `sluice config` shows it, and the place for a file.
    var label: String {
        switch self {
        case .fallback: "default"
        case .environment: "environment"
        case .file(let path, let line): "\(path):\(line)"
        case .flag: "flag"
        }
    }

    /// How the setting is written at this source, so that a person finds it.
    func name(of setting: Setting) -> String {
        switch self {
        case .fallback, .environment: setting.variable
        case .file: setting.key
        case .flag: "--\(setting.flag)"
        }
    }
}

/// A value as somebody wrote it.
struct SettingText: Hashable, Sendable {
    let text: String
    let source: SettingSource
}
