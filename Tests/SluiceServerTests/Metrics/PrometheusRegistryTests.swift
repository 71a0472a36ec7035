import CoreMetrics
import PrometheusMetrics
import Testing

@Suite struct PrometheusRegistryTests {
    private let registry = PrometheusRegistry(
        configuration: PrometheusConfiguration(
            buckets: ["waits": [1, 0.5, .infinity, 0.5]], help: ["hits": "What\nis \\ counted."]))

    private func scrape() throws -> Exposition { try Exposition(registry.exposition()) }

    @Test func theTextIsAsPrometheusReadsIt() {
        Counter(label: "hits", dimensions: [("b", "2"), ("a", "x\"\\\ny")], factory: registry).increment(by: 3)
        Counter(label: "hits", dimensions: [], factory: registry).increment()
        Meter(label: "level", factory: registry).set(-1.5)
        let timer = Timer(label: "waits", dimensions: [("k", "v")], factory: registry)
        timer.recordMilliseconds(500)
        timer.recordSeconds(2)
        #expect(
            registry.exposition() == #"""
                # HELP hits What\nis \\ counted.
                # TYPE hits counter
                hits 1
                hits{a="x\"\\\ny",b="2"} 3
                # TYPE level gauge
                level -1.5
                # TYPE waits histogram
                waits_bucket{k="v",le="0.5"} 1
                waits_bucket{k="v",le="1"} 1
                waits_bucket{k="v",le="+Inf"} 2
                waits_sum{k="v"} 2.5
                waits_count{k="v"} 2

                """#)
    }

    @Test func anEmptyRegistryIsAnEmptyText() {
        #expect(registry.exposition() == "")
    }

    @Test func namesAndLabelsAreMadeValid() throws {
        Counter(
            label: "9.http/requests-é", dimensions: [("my.label", "v"), ("", "e"), ("__x", "r")], factory: registry
        )
        .increment()
        Timer(label: "t", dimensions: [("le", "mine")], factory: registry).recordSeconds(1)
        let exposition = try scrape()
        let labels = ["my_label": "v", "_": "e", "exported___x": "r"]
        #expect(exposition.value("_9_http_requests__", labels) == 1)
        #expect(exposition.value("t_count", ["exported_le": "mine"]) == 1)
    }

    @Test func equalNamesAndLabelsShareOneSeries() throws {
        Counter(label: "c", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Counter(label: "c", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
        FloatingPointCounter(label: "c", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment(by: 0.5)
        #expect(try scrape().samples.map(\.value) == [2.5])
    }

    @Test func countersOnlyGrow() throws {
        let counter = Counter(label: "c", factory: registry)
        counter.increment(by: 5)
        counter.increment(by: -3)
        let fractions = FloatingPointCounter(label: "f", factory: registry)
        for amount in [1.5, -1, .nan, .infinity] { fractions.increment(by: amount) }
        #expect(try scrape().value("c") == 5)
        #expect(try scrape().value("f") == 1.5)
        counter.reset()
        #expect(try scrape().value("c") == 0)
    }

    @Test func gaugesGoUpAndDownAndAnywhere() throws {
        let meter = Meter(label: "m", factory: registry)
        meter.set(10)
        meter.increment(by: 2.5)
        meter.decrement(by: 5)
        Gauge(label: "g", factory: registry).record(7)
        #expect(try scrape().value("m") == 7.5)
        #expect(try scrape().value("g") == 7)
        for (value, text) in [(Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (1e300, "1e+300")] {
            meter.set(value)
            #expect(registry.exposition().contains("m \(text)\n"))
            _ = try scrape()
        }
    }

    @Test func histogramsTakeEveryValue() throws {
        let recorder = Recorder(label: "r", factory: registry)
        for value in [-1, 0, 1, 1.5, 1_024, 1e9] { recorder.record(value) }
        recorder.record(Double.nan)
        let exposition = try scrape()
        #expect(exposition.value("r_count") == 6)
        #expect(exposition.value("r_bucket", ["le": "1"]) == 3)
        #expect(exposition.value("r_bucket", ["le": "2"]) == 4)
        #expect(exposition.value("r_bucket", ["le": "1024"]) == 5)
    }

    /// One bad metric must not cost the whole scrape.
    @Test func aNameOfTwoKindsBelongsToTheFirst() throws {
        Counter(label: "x", factory: registry).increment()
        let late = Meter(label: "x", factory: registry)
        late.set(9)
        Meter(label: "x", dimensions: [("a", "b")], factory: registry).set(9)
        Timer(label: "t", factory: registry).recordSeconds(1)
        Counter(label: "t_count", factory: registry).increment(by: 100)
        Counter(label: "y_sum", factory: registry).increment()
        Timer(label: "y", factory: registry).recordSeconds(1)
        let exposition = try scrape()
        #expect(exposition.types == ["x": "counter", "t": "histogram", "y_sum": "counter"])
        #expect(exposition.value("x") == 1 && exposition.value("x", ["a": "b"]) == nil)
        #expect(exposition.value("t_count") == 1)
        late.destroy()
        #expect(try scrape().value("x") == 1)
    }

    @Test func aSeriesGoesWithTheLastThatUsesIt() throws {
        let first = Counter(label: "c", factory: registry)
        let second = Counter(label: "c", factory: registry)
        let other = Counter(label: "c", dimensions: [("a", "b")], factory: registry)
        first.increment()
        first.destroy()
        second.increment()
        #expect(try scrape().value("c") == 2)
        second.destroy()
        #expect(try scrape().samples.count == 1)
        other.destroy()
        #expect(registry.exposition() == "")
        // The name is free again, for another kind too.
        let meter = Meter(label: "c", factory: registry)
        meter.set(4)
        second.destroy()
        #expect(try scrape().value("c") == 4)
        for destroy in [meter.destroy, Timer(label: "t", factory: registry).destroy] { destroy() }
        Recorder(label: "r", factory: registry).destroy()
        FloatingPointCounter(label: "f", factory: registry).destroy()
        #expect(registry.exposition() == "")
    }

    @Test func collectorsRunBeforeEachScrape() throws {
        let counter = Counter(label: "scrapes", factory: registry)
        registry.addCollector { counter.increment() }
        _ = registry.exposition()
        #expect(try scrape().value("scrapes") == 2)
    }

    @Test func nothingIsLostWhenManyRecord() async throws {
        let counter = FloatingPointCounter(label: "f", factory: registry)
        let meter = Meter(label: "m", factory: registry)
        let timer = Timer(label: "t", factory: registry)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { [registry] in
                    for step in 0..<20_000 {
                        counter.increment(by: 0.5)
                        meter.increment(by: 1)
                        timer.recordSeconds(1)
                        if step % 5_000 == 0 {
                            Counter(label: "c", factory: registry).increment()
                            _ = try? Exposition(registry.exposition())
                        }
                    }
                }
            }
        }
        let exposition = try scrape()
        #expect(exposition.value("c") == 32)
        #expect(exposition.value("f") == 80_000)
        #expect(exposition.value("m") == 160_000)
        #expect(exposition.value("t_count") == 160_000 && exposition.value("t_sum") == 160_000)
    }
}
