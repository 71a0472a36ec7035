import CLibPQ

/// A connection string, taken apart by libpq: a URL, or `keyword=value` pairs.
struct ConnectionString: Sendable {
    struct Option: Sendable {
        let keyword: String
        let value: String
        /// Values that are never shown.
        let isSecret: Bool
    }

    /// What the string itself says, without defaults and environment.
    let options: [Option]

    /// - Throws: what is wrong with it, without quoting anything that may be a secret.
    init(parsing text: String) throws(Malformed) {
        try Self.checkUserInfo(text)
        var message: UnsafeMutablePointer<CChar>?
        guard let parsed = PQconninfoParse(text, &message) else {
            defer { PQfreemem(message) }
            throw Malformed(reason: Self.cleaned(message.map { String(cString: $0) } ?? "not enough memory"))
        }
        defer { PQconninfoFree(parsed) }
        var options: [Option] = []
        var next = parsed
        while let keyword = next.pointee.keyword {
            if let value = next.pointee.val {
                let isSecret = next.pointee.dispchar.map { $0.pointee == CChar(UInt8(ascii: "*")) } ?? false
                options.append(
                    Option(keyword: String(cString: keyword), value: String(cString: value), isSecret: isSecret))
            }
            next += 1
        }
        self.options = options
    }

    struct Malformed: Error {
        let reason: String
    }

    /// A raw `@` or `/` in a password ends it early, and libpq takes the rest for a host or a port and shows it in its errors.
    private static func checkUserInfo(_ text: String) throws(Malformed) {
        guard let scheme = ["postgres://", "postgresql://"].first(where: text.hasPrefix) else { return }
        let location = text.dropFirst(scheme.count).prefix { $0 != "?" }
        guard let end = location.lastIndex(of: "@") else { return }
        guard location[..<end].contains(where: { $0 == "@" || $0 == "/" }) else { return }
        throw Malformed(
            reason: "a user name or password in a URL holds @ or /: write them as %40 and %2F")
    }

    /// libpq quotes the place that it does not understand, which may be a piece of the password. Only what looks like the
    /// name of an option is kept.
    private static func cleaned(_ message: String) -> String {
        var pieces = message.split(separator: "\"", omittingEmptySubsequences: false).map(String.init)
        let namesOption =
            message.hasPrefix("invalid connection option") || message.hasPrefix("invalid URI query parameter")
        for index in pieces.indices where index % 2 == 1 {
            let looksLikeName = pieces[index].utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_")
            }
            if !namesOption || !looksLikeName { pieces[index] = "…" }
        }
        return pieces.joined(separator: "\"").split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
