/// Lengths of time for people.
enum DurationText {
    /// The two largest units that matter: `2 d 3 h`, `59 min 12 s`, `250 ms`. Rounded up to whole seconds from a second on,
    /// so that waiting that long is never too short.
    static func text(milliseconds: Int64) -> String {
        guard milliseconds >= 1_000 else { return "\(max(0, milliseconds)) ms" }
        var rest = milliseconds / 1_000 + (milliseconds % 1_000 > 0 ? 1 : 0)
        var parts: [String] = []
        for (unit, seconds) in [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)] as [(String, Int64)] {
            if rest >= seconds { parts.append("\(rest / seconds) \(unit)") }
            rest %= seconds
        }
        return parts.joined(separator: " ")
    }
}
