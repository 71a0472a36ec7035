/// Reads the field `Forwarded` (RFC 7239): a list of hops, each of `name=value` pairs whose values may be quoted.
enum ForwardedField {
    /// What each hop says in `for`; `nil` where that is no address, such as `unknown` or `_hidden`, or is not said. A field
    /// that breaks the grammar is one hop without an address.
    static func addresses(_ field: String) -> [ClientAddress?] {
        guard let hops = split(field[...], at: ",") else { return [nil] }
        return hops.map { hop in
            guard let pairs = split(hop, at: ";") else { return nil }
            let values = pairs.compactMap { value(of: "for", in: $0) }
            guard values.count == 1, let node = unquoted(values[0]) else { return nil }
            return ClientAddress(node: node)
        }
    }

    private static func value(of name: String, in pair: Substring) -> Substring? {
        guard let equals = pair.firstIndex(of: "="), pair[..<equals].trimmingSpace.lowercased() == name else {
            return nil
        }
        return pair[equals...].dropFirst().trimmingSpace
    }

    /// IPv6 and ports must be quoted. None of the characters of an address needs a backslash, so one with any is none.
    private static func unquoted(_ value: Substring) -> Substring? {
        guard value.hasPrefix("\"") else { return value }
        guard value.count >= 2, value.hasSuffix("\""), !value.contains("\\") else { return nil }
        return value.dropFirst().dropLast()
    }

    /// The parts between separators outside of quotes; `nil` where a quote does not end.
    private static func split(_ text: Substring, at separator: Character) -> [Substring]? {
        var parts: [Substring] = []
        var start = text.startIndex
        var isQuoted = false
        var isEscaped = false
        for index in text.indices {
            switch text[index] {
            case _ where isEscaped: isEscaped = false
            case "\\" where isQuoted: isEscaped = true
            case "\"": isQuoted.toggle()
            case separator where !isQuoted:
                parts.append(text[start..<index])
                start = text.index(after: index)
            default: break
            }
        }
        return isQuoted ? nil : parts + [text[start...]]
    }
}
