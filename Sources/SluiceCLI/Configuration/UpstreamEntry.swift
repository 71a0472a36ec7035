/// A provider of models as the configuration names it.
struct UpstreamEntry: Hashable, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case openai, anthropic

        /// Where the provider itself is.
        var baseURL: String {
            switch self {
            case .openai: "https://api.openai.com/v1"
            case .anthropic: "https://api.anthropic.com"
            }
        }
    }

    /// The key itself, or the environment variable that holds it.
    enum Key: Hashable, Sendable {
        case none
        case text(String)
        case variable(String)
    }

    let name: String
    let kind: Kind
    let baseURL: String
    let key: Key
    /// Whether it answers for models that no route names; the only one of a kind always does.
    let isDefault: Bool

    init(name: String, kind: Kind, baseURL: String, key: Key, isDefault: Bool = false) {
        self.name = name
        self.kind = kind
        self.baseURL = baseURL
        self.key = key
        self.isDefault = isDefault
    }

    init?(_ reader: inout EntryReader) {
        let name = reader.required("name", such: "openai")
        let kindText = reader.required("kind", such: "openai")
        let (baseURL, text) = (reader.text("base_url"), reader.text("api_key"))
        let (variable, isDefault) = (reader.text("api_key_env"), reader.text("default"))
        if text != nil, variable != nil { reader.reject("api_key_env", "stands beside api_key: keep one of them") }
        if isDefault.map({ Bool($0) == nil }) ?? false { reader.reject("default", "is neither true nor false") }
        guard let name, let kindText else { return nil }
        guard let kind = Kind(rawValue: kindText) else {
            reader.reject("kind", "is neither openai nor anthropic")
            return nil
        }
        self.init(
            name: name, kind: kind, baseURL: baseURL ?? kind.baseURL,
            key: text.map(Key.text) ?? variable.map(Key.variable) ?? .none, isDefault: isDefault == "true")
    }
}

/// Which provider answers for a model.
struct RouteEntry: Hashable, Sendable {
    /// A model's name, or the beginning of it with `*` after it.
    let model: String
    let upstream: String
    /// The model's name there; `nil` where it is the same. A `*` in it stands for what the one of ``model`` stands for.
    let target: String?

    init(model: String, upstream: String, target: String? = nil) {
        self.model = model
        self.upstream = upstream
        self.target = target
    }

    init?(_ reader: inout EntryReader) {
        let model = reader.required("model", such: "gpt-*")
        let upstream = reader.required("upstream", such: "openai")
        let target = reader.text("upstream_model")
        guard let model, let upstream else { return nil }
        self.init(model: model, upstream: upstream, target: target)
    }
}
