/// What tells one time series from all others: its metric's name and its labels, both as exposed.
struct SeriesID: Hashable, Sendable {
    let name: String
    /// `a="1",b="2"`, sorted by label name and escaped, so that equal label sets are equal strings.
    let labels: String

    /// - Parameter reserved: a label name that the exposition itself adds (`le`); a dimension of that name is renamed.
    init(label: String, dimensions: [(String, String)], reserved: String? = nil) {
        name = Self.sanitized(label, allowingColon: true)
        guard !dimensions.isEmpty else {
            labels = ""
            return
        }
        var values: [String: String] = [:]
        for (key, value) in dimensions {
            var key = Self.sanitized(key, allowingColon: false)
            if key == reserved || key.hasPrefix("__") { key = "exported_" + key }
            values[key] = value
        }
        labels = values.sorted { $0.key < $1.key }
            .map { "\($0.key)=\"\(ExpositionWriter.escaped($0.value, quotes: true))\"" }
            .joined(separator: ",")
    }

    /// A name that Prometheus takes: every other character becomes an underscore, a leading digit gets one in front.
    private static func sanitized(_ text: String, allowingColon: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_":
                result.unicodeScalars.append(scalar)
            case "0"..."9":
                if result.isEmpty { result = "_" }
                result.unicodeScalars.append(scalar)
            case ":" where allowingColon:
                result.unicodeScalars.append(scalar)
            default:
                result += "_"
            }
        }
        return result.isEmpty ? "_" : result
    }
}
