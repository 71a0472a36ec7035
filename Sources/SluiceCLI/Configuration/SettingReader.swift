/// Turns texts into values and gathers everything that is wrong, so that one start reports all of it.
///
/// A setting that is present and wrong never falls back to its default.
struct SettingReader {
    let values: SettingValues
    private(set) var problems: [ConfigurationProblem] = []

    init(_ values: SettingValues) {
        self.values = values
    }

    /// A whole number in decimal digits.
    mutating func integer(_ setting: Setting, _ range: ClosedRange<Int64>, default fallback: Int64) -> Int64 {
        parse(setting, default: fallback) { text throws(Rejection) in
            guard let number = Int64(text), range.contains(number) else {
                let isNumber = Int64(text) != nil
                throw Rejection(
                    (isNumber ? "is out of range" : "is not a whole number")
                        + ": use \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
    }

    mutating func milliseconds(_ setting: Setting, _ range: ClosedRange<Int64>, default fallback: Int64) -> Duration {
        .milliseconds(integer(setting, range, default: fallback))
    }

    /// One of a few words.
    mutating func choice<Value: RawRepresentable & CaseIterable>(
        _ setting: Setting, default fallback: Value
    ) -> Value where Value.RawValue == String {
        parse(setting, default: fallback) { text throws(Rejection) in
            if let value = Value(rawValue: text) { return value }
            let words = Value.allCases.map(\.rawValue)
            let hint = Suggestion.hint(for: text.lowercased(), among: words)
            throw Rejection("is none of \(words.joined(separator: ", "))\(hint)")
        }
    }

    mutating func boolean(_ setting: Setting, default fallback: Bool) -> Bool {
        parse(setting, default: fallback) { text throws(Rejection) in
            guard let value = Bool(text) else { throw Rejection("is neither true nor false") }
            return value
        }
    }

    mutating func text(
        _ setting: Setting, default fallback: String, allowed: String, where isAllowed: (String) -> Bool
    ) -> String {
        parse(setting, default: fallback) { text throws(Rejection) in
            guard isAllowed(text) else { throw Rejection("is not allowed: use \(allowed)") }
            return text
        }
    }

    mutating func parse<Value>(
        _ setting: Setting, default fallback: Value, _ convert: (String) throws(Rejection) -> Value
    ) -> Value {
        guard let written = values[setting] else { return fallback }
        do throws(Rejection) {
            return try convert(written.text)
        } catch {
            reject(setting, error.reason)
            return fallback
        }
    }

    /// Notes that a setting is wrong, alone or together with others.
    mutating func reject(_ setting: Setting, _ reason: String) {
        let source = values.source(of: setting)
        let value = values[setting].map { SecretMask.quoted($0.text, of: setting) }
        problems.append(
            ConfigurationProblem(key: source.name(of: setting), value: value, source: source.label, reason: reason))
    }
}

/// Why a text is not a value of its setting.
struct Rejection: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
