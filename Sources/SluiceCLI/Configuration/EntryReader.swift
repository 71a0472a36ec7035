import Yams

/// Reads one item of a list in the YAML file, a mapping of texts, and gathers what is wrong with it.
struct EntryReader {
    private let path: String
    /// As messages name the item, such as `upstreams[2]`.
    let name: String
    private let line: Int
    private var texts: [String: (text: String, line: Int)] = [:]
    private var problems: [ConfigurationProblem] = []
    private var known: [String] = []

    init(_ item: Node, path: String, name: String) {
        self.path = path
        self.name = name
        line = item.mark?.line ?? 0
        guard case .mapping(let mapping) = item else {
            reject(nil, "is no mapping: write lines such as `name: openai`")
            return
        }
        for (key, value) in mapping {
            let keyName = key.string ?? "?"
            if case .scalar(let scalar) = value, value.null == nil, !scalar.string.isEmpty {
                texts[keyName] = (scalar.string, key.mark?.line ?? line)
            } else {
                reject(keyName, "has no value: write one text or number, or remove the line")
            }
        }
    }

    /// What is written under a key; taken note of, so that ``finish()`` knows the keys there are.
    mutating func text(_ key: String) -> String? {
        known.append(key)
        return texts[key]?.text
    }

    /// - Returns: `nil`, with a problem noted, where there is none.
    mutating func required(_ key: String, such example: String) -> String? {
        let found = text(key)
        if found == nil, problems.isEmpty { reject(key, "is missing: write \(key): \(example)") }
        return found
    }

    mutating func reject(_ key: String?, _ reason: String) {
        let place = key.flatMap { texts[$0]?.line } ?? line
        problems.append(
            ConfigurationProblem(
                key: key.map { "\(name).\($0)" } ?? name, value: nil, source: "\(path):\(place)", reason: reason))
    }

    /// Everything that is wrong, keys that nobody asked for included.
    mutating func finish() -> [ConfigurationProblem] {
        for key in texts.keys.sorted() where !known.contains(key) && !known.isEmpty {
            reject(key, "is unknown\(Suggestion.hint(for: key.lowercased(), among: known))")
        }
        return problems
    }
}
