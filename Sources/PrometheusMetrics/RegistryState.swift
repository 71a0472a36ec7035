extension PrometheusRegistry {
    /// The series that are exposed, and who holds which name.
    struct State {
        struct Series {
            let instrument: any Instrument
            /// How many metrics were made of it and not destroyed: it goes with the last of them.
            var users: Int
        }

        struct Family {
            let kind: MetricKind
            var series: [String: Series] = [:]
        }

        var families: [String: Family] = [:]
        var collectors: [@Sendable () -> Void] = []
        /// The family by each name that it exposes: a histogram `x` also holds `x_count`.
        private var owners: [String: String] = [:]

        mutating func register<I: Instrument>(_ new: I) -> I {
            guard claim(new.id.name, I.kind) else { return new }
            var family = families[new.id.name] ?? Family(kind: I.kind)
            var series = family.series[new.id.labels] ?? Series(instrument: new, users: 0)
            series.users += 1
            family.series[new.id.labels] = series
            families[new.id.name] = family
            return series.instrument as? I ?? new
        }

        mutating func release(_ instrument: any Instrument) {
            let id = instrument.id
            guard var family = families[id.name], var series = family.series[id.labels],
                series.instrument === instrument
            else { return }
            series.users -= 1
            family.series[id.labels] = series.users > 0 ? series : nil
            families[id.name] = family.series.isEmpty ? nil : family
            guard family.series.isEmpty else { return }
            for name in family.kind.exposedNames(of: id.name) { owners[name] = nil }
        }

        private mutating func claim(_ name: String, _ kind: MetricKind) -> Bool {
            if let family = families[name] { return family.kind == kind }
            let names = kind.exposedNames(of: name)
            guard names.allSatisfy({ owners[$0] == nil }) else { return false }
            for exposed in names { owners[exposed] = name }
            return true
        }
    }
}
