/// A strict reader of Prometheus' text format 0.0.4: what it takes, Prometheus takes.
///
/// Beyond the grammar it checks that a metric's lines are together and typed before the first, that no series is there twice,
/// and that histograms are whole: rising bounds up to `+Inf`, cumulative counts, `_sum` and `_count`.
struct Exposition {
    struct Failure: Error {
        let line: String
        let reason: String
    }

    struct Sample: Equatable {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    private(set) var types: [String: String] = [:]
    private(set) var help: [String: String] = [:]
    private(set) var samples: [Sample] = []

    init(_ text: String) throws {
        guard text.isEmpty || text.hasSuffix("\n") else { throw Failure(line: "", reason: "no line feed at the end") }
        var family: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) {
            if line.hasPrefix("# ") {
                family = try readComment(line, after: family)
            } else {
                let sample = try Self.readSample(line)
                guard let family, Self.names(of: family, type: types[family]).contains(sample.name)
                else { throw Failure(line: line, reason: "not a series of the metric above") }
                guard !samples.contains(where: { $0.name == sample.name && $0.labels == sample.labels })
                else { throw Failure(line: line, reason: "there twice") }
                samples.append(sample)
            }
        }
        for (name, type) in types where type == "histogram" { try checkHistogram(name) }
    }

    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }

    private static func names(of family: String, type: String?) -> [String] {
        type == "histogram" ? ["_bucket", "_sum", "_count"].map { family + $0 } : [family]
    }

    private mutating func readComment(_ line: String, after family: String?) throws -> String {
        let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, parts[2].wholeMatch(of: #/[a-zA-Z_:][a-zA-Z0-9_:]*/#) != nil
        else { throw Failure(line: line, reason: "not a comment of the format") }
        switch parts[1] {
        case "HELP" where help[parts[2]] == nil && types[parts[2]] == nil:
            guard parts[3].wholeMatch(of: #/(?:[^\\]|\\\\|\\n)*/#) != nil
            else { throw Failure(line: line, reason: "badly escaped") }
            help[parts[2]] = parts[3]
        case "TYPE" where types[parts[2]] == nil && ["counter", "gauge", "histogram"].contains(parts[3]):
            types[parts[2]] = parts[3]
        default: throw Failure(line: line, reason: "there twice, or too late")
        }
        return parts[2]
    }

    private static func readSample(_ line: String) throws -> Sample {
        let grammar = #/([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.+)\})? (\S+)/#
        guard let match = line.wholeMatch(of: grammar) else { throw Failure(line: line, reason: "not a sample") }
        let special = ["NaN": Double.nan, "+Inf": .infinity, "-Inf": -.infinity]
        guard let value = special[String(match.3)] ?? (match.3.contains("n") ? nil : Double(match.3))
        else { throw Failure(line: line, reason: "not a number") }
        return Sample(
            name: String(match.1), labels: try readLabels(match.2.map(String.init) ?? "", line: line), value: value)
    }

    private static func readLabels(_ text: String, line: String) throws -> [String: String] {
        var labels: [String: String] = [:]
        var rest = text[...]
        while !rest.isEmpty {
            guard let match = rest.prefixMatch(of: #/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\\\|\\"|\\n)*)"(,|$)/#),
                labels.updateValue(unescaped(match.2), forKey: String(match.1)) == nil
            else { throw Failure(line: line, reason: "not a list of labels") }
            rest = rest[match.range.upperBound...]
        }
        return labels
    }

    private static func unescaped(_ text: Substring) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                result.append(character == "n" ? "\n" : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        return result
    }

    private func checkHistogram(_ name: String) throws {
        var series: [[String: String]: [(bound: Double, count: Double)]] = [:]
        for sample in samples where sample.name == "\(name)_bucket" {
            var labels = sample.labels
            guard let bound = labels.removeValue(forKey: "le").flatMap({ $0 == "+Inf" ? .infinity : Double($0) })
            else { throw Failure(line: name, reason: "a bucket without a bound") }
            series[labels, default: []].append((bound, sample.value))
        }
        for (labels, buckets) in series {
            let isRising = zip(buckets, buckets.dropFirst()).allSatisfy { $0.bound < $1.bound && $0.count <= $1.count }
            guard isRising, let last = buckets.last, last.bound == .infinity,
                value("\(name)_count", labels) == last.count, value("\(name)_sum", labels) != nil
            else { throw Failure(line: name, reason: "not a whole histogram") }
        }
    }
}
