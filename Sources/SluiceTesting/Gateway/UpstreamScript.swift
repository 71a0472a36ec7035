/// What a ``ScriptedUpstream`` does for a model: the words of its name say it, as in `scripted-in900-out40-chunks8-gate`.
///
/// | word | meaning |
/// |---|---|
/// | `inN`, `outN` | tokens of prompt and answer (12, as many as chunks) |
/// | `cachedN`, `writeN`, `thinkN` | of those, from and into the cache, and of reasoning (0) |
/// | `chunksN`, `bigN` | pieces of the answer's text (3), and bytes of each (a word) |
/// | `nousage` | no usage is reported |
/// | `statusN` | an error with that status; `echo`: its message quotes the credential |
/// | `redirect` | 307 to another path |
/// | `gate` | waits at ``ScriptedUpstream/gate`` before each piece but the first |
/// | `hang`, `hangN` | never answers, or no more after N pieces |
/// | `drop`, `cutN` | closes the connection instead of an answer, or after N pieces |
/// | `short` | promises more bytes than it sends, then closes |
/// | `garbage` | what is not HTTP |
/// | `gzip` | says that the body is encoded |
struct UpstreamScript: Sendable {
    private let words: [Substring: Int]

    init(model: String) {
        words = model.split(separator: "-").reduce(into: [:]) { words, word in
            let name = word.prefix { !$0.isNumber }
            words[name] = Int(word.dropFirst(name.count)) ?? -1
        }
    }

    var input: Int { number("in", else: 12) }
    var output: Int { number("out", else: chunks) }
    var cached: Int { number("cached", else: 0) }
    var cacheWrite: Int { number("write", else: 0) }
    var reasoning: Int { number("think", else: 0) }
    var chunks: Int { number("chunks", else: 3) }
    /// `nil` for no error.
    var status: Int? { words["status"] }
    var reportsUsage: Bool { !has("nousage") }
    /// After how many pieces nothing comes any more; -1 for not even a head.
    var hangsAfter: Int? { words["hang"] }
    /// After how many pieces the connection is closed; -1 for not even a head.
    var cutsAfter: Int? { has("drop") ? -1 : words["cut"] }

    func has(_ word: Substring) -> Bool { words[word] != nil }

    /// The text of one piece: not all of it is ASCII.
    func text(_ index: Int) -> String {
        words["big"].map { String(repeating: "x", count: max(0, $0)) } ?? "wörd\(index) "
    }

    /// The answer's whole text.
    var text: String { (0..<chunks).map(text).joined() }

    private func number(_ word: Substring, else standard: Int) -> Int { words[word].map { max(0, $0) } ?? standard }
}
