/// The settings as written, after the stronger sources have covered the weaker: environment < file < flags.
struct SettingValues: Sendable {
    private var texts: [Setting: SettingText]
    /// Of the file alone.
    let upstreams: [UpstreamEntry]
    let routes: [RouteEntry]

    init(environment: EnvironmentLayer, file: FileLayer = .empty, flags: [Setting: String] = [:]) {
        (upstreams, routes) = (file.upstreams, file.routes)
        texts = environment.values
            .merging(file.values) { $1 }
            .merging(flags.mapValues { SettingText(text: $0, source: .flag) }) { $1 }
    }

    /// `nil` when nobody set it.
    subscript(setting: Setting) -> SettingText? { texts[setting] }

    func source(of setting: Setting) -> SettingSource { texts[setting]?.source ?? .fallback }
}
