/// Hides what must not be shown.
enum SecretMask {
    static let mask = "********"

    /// How a wrong text may be quoted. A connection string that libpq does not understand is no place to look for the
    /// password in: all of it is hidden.
    static func quoted(_ text: String, of setting: Setting) -> String {
        switch setting {
        case .databaseURL: mask
        case .serviceKeys: keys(text)
        default: setting.isSecret ? mask : text
        }
    }

    /// Says how many keys there are and nothing of them.
    static func keys(_ text: String) -> String {
        text.split(separator: ",").map { _ in mask }.joined(separator: ",")
    }

    /// A URL or keyword string of libpq with every password masked. What it does not understand is masked whole.
    static func connectionString(_ text: String) -> String {
        for scheme in ["postgresql://", "postgres://"] where text.hasPrefix(scheme) {
            return scheme + url(text.dropFirst(scheme.count))
        }
        guard text.contains("=") else { return mask }
        return keywords(text)
    }

    /// `user:password@hosts/database?parameters`, after the scheme.
    ///
    /// A password may hold an unescaped `@`, `/` or `?`: cutting at the last `@` errs on the side of hiding.
    private static func url(_ rest: Substring) -> String {
        let at = rest.lastIndex(of: "@")
        let login = at.map { rest[..<$0] } ?? ""
        let user = login.prefix { !":/?@".contains($0) }
        let tail = at.map { rest[$0...] } ?? rest
        let question = tail.firstIndex(of: "?") ?? tail.endIndex
        return user + (user.count < login.count ? ":\(mask)" : "") + tail[..<question] + parameters(tail[question...])
    }

    private static func parameters(_ query: Substring) -> String {
        guard !query.isEmpty else { return "" }
        let pairs = query.dropFirst().split(separator: "&", omittingEmptySubsequences: false).map { pair in
            let name = pair.prefix { $0 != "=" }
            return isSecret(String(name)) ? "\(name)=\(mask)" : String(pair)
        }
        return "?" + pairs.joined(separator: "&")
    }

    private static func keywords(_ text: String) -> String {
        var scanner = KeywordScanner(text)
        var shown: [String] = []
        while let pair = scanner.next() {
            shown.append("\(pair.name)=\(isSecret(pair.name) ? mask : pair.value)")
        }
        return scanner.isAtEnd ? shown.joined(separator: " ") : mask
    }

    /// A name with an escape in it may spell any name.
    private static func isSecret(_ name: String) -> Bool {
        name.contains("%") || ["password", "sslpassword", "passfile"].contains(name.lowercased())
    }
}

/// Reads libpq's `key=value key = 'quoted \' value'`, keeping values as they are written.
private struct KeywordScanner {
    private var rest: Substring

    init(_ text: String) {
        rest = Substring(text)
    }

    var isAtEnd: Bool { rest.allSatisfy(\.isWhitespace) }

    /// `nil` at the end and at anything that is not a pair.
    mutating func next() -> (name: String, value: String)? {
        skipSpace()
        let name = rest.prefix { $0 != "=" && !$0.isWhitespace }
        var ahead = self
        ahead.rest = rest[name.endIndex...]
        ahead.skipSpace()
        guard !name.isEmpty, ahead.rest.first == "=" else { return nil }
        ahead.rest.removeFirst()
        ahead.skipSpace()
        guard let value = ahead.value() else { return nil }
        self = ahead
        return (String(name), value)
    }

    private mutating func skipSpace() {
        rest = rest.drop(while: \.isWhitespace)
    }

    private mutating func value() -> String? {
        let isQuoted = rest.first == "'"
        var value = isQuoted ? String(rest.removeFirst()) : ""
        while let character = rest.first {
            if !isQuoted && character.isWhitespace { return value }
            value.append(rest.removeFirst())
            if isQuoted && character == "'" { return value }
            if character == "\\", let escaped = rest.popFirst() { value.append(escaped) }
        }
        return isQuoted ? nil : value
    }
}
