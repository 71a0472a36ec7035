import FoundationEssentials
import Yams

/// The settings of the YAML file: one mapping, flat but for `upstreams` and `routes`, stronger than the environment, weaker than flags.
struct FileLayer: Sendable {
    let values: [Setting: SettingText]
    let upstreams: [UpstreamEntry]
    let routes: [RouteEntry]

    static let empty = FileLayer(values: [:])

    private init(values: [Setting: SettingText], upstreams: [UpstreamEntry] = [], routes: [RouteEntry] = []) {
        self.values = values
        self.upstreams = upstreams
        self.routes = routes
    }

    /// - Throws: ``ConfigurationError`` for a file that cannot be read or is not YAML, and for every key that is
    ///   unknown, given twice or without a usable value.
    init(path: String) throws(ConfigurationError) {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw Self.unreadable(path, "cannot be read: check that the file exists, is readable and is UTF-8")
        }
        try self.init(yaml: text, path: path)
    }

    init(yaml: String, path: String) throws(ConfigurationError) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            throw Self.unreadable(path, "is not valid YAML\(Self.explain(error))")
        } catch {
            throw Self.unreadable(path, "is not valid YAML")
        }
        // An empty file, or one of comments only, sets nothing.
        guard let root, root.null == nil else {
            self.init(values: [:])
            return
        }
        guard case .mapping(let mapping) = root else {
            throw Self.unreadable(path, "must be one mapping of settings, such as `listen_port: 8080`")
        }
        var entries = Entries(path: path)
        for (key, value) in mapping { entries.read(key: key, value: value) }
        guard entries.problems.isEmpty else { throw ConfigurationError(problems: entries.problems) }
        self.init(values: entries.values, upstreams: entries.upstreams, routes: entries.routes)
    }

    /// Where and what, in words that quote nothing: the parser's own message shows the lines around, with the secrets in them.
    private static func explain(_ error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            ": line \(mark.line), column \(mark.column): \(problem)"
        case .duplicatedKeysInMapping(let duplicates, _):
            ": given twice: \(duplicates.sorted().joined(separator: ", "))"
        default: ""
        }
    }

    private static func unreadable(_ path: String, _ reason: String) -> ConfigurationError {
        ConfigurationError(problems: [
            ConfigurationProblem(key: path, value: nil, source: "configuration file", reason: reason)
        ])
    }
}

/// Gathers the entries of the mapping and what is wrong with them.
private struct Entries {
    let path: String
    var values: [Setting: SettingText] = [:]
    var upstreams: [UpstreamEntry] = []
    var routes: [RouteEntry] = []
    var problems: [ConfigurationProblem] = []

    static let settings = Dictionary(uniqueKeysWithValues: Setting.allCases.map { ($0.key, $0) })

    mutating func read(key: Node, value: Node) {
        let line = key.mark?.line ?? 0
        let name = key.string ?? "?"
        if name == "upstreams" || name == "routes" { return readList(name, value) }
        guard let setting = Self.settings[name] else {
            let hint = Suggestion.hint(for: name.lowercased(), among: Setting.allCases.map(\.key))
            return reject(name, line, "unknown setting\(hint)")
        }
        guard let text = Self.text(of: value, for: setting) else {
            let form = setting.isList ? "a text or a list of texts" : "one text, number or true/false"
            return reject(name, line, "has no value: write \(form), or remove the line")
        }
        values[setting] = SettingText(text: text, source: .file(path: path, line: line))
    }

    /// The characters as written, so that `80a` or `0x50` is judged here and not turned into something else by YAML.
    private static func text(of node: Node, for setting: Setting) -> String? {
        switch node {
        case .scalar(let scalar):
            node.null == nil && !scalar.string.isEmpty ? scalar.string : nil
        case .sequence(let sequence) where setting.isList:
            joined(sequence.compactMap(\.scalar?.string), count: sequence.count)
        default: nil
        }
    }

    private static func joined(_ items: [String], count: Int) -> String? {
        items.count == count && count > 0 ? items.joined(separator: ",") : nil
    }

    private mutating func readList(_ name: String, _ value: Node) {
        guard case .sequence(let items) = value else {
            return reject(name, value.mark?.line ?? 0, "is no list: begin each of its items with a hyphen")
        }
        for (index, item) in items.enumerated() {
            var reader = EntryReader(item, path: path, name: "\(name)[\(index + 1)]")
            if name == "upstreams" {
                if let entry = UpstreamEntry(&reader) { upstreams.append(entry) }
            } else if let entry = RouteEntry(&reader) {
                routes.append(entry)
            }
            problems += reader.finish()
        }
    }

    private mutating func reject(_ key: String, _ line: Int, _ reason: String) {
        problems.append(ConfigurationProblem(key: key, value: nil, source: "\(path):\(line)", reason: reason))
    }
}
