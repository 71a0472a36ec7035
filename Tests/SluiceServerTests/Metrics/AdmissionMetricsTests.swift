import Foundation
import PrometheusMetrics
import SluiceCore
import SluiceServer
import Testing

@Suite struct AdmissionMetricsTests {
    private let registry = PrometheusRegistry(configuration: .sluice)

    @Test func thePathIsCounted() throws {
        let metrics = AdmissionMetrics(factory: registry)
        let policy = try Sample.policy()
        metrics.decided(.admitted, under: policy, after: .milliseconds(2))
        metrics.decided(.admitted, under: policy, after: .milliseconds(3))
        metrics.decided(.refusedFromCache, under: policy, after: .zero)
        metrics.batchSent(calls: 3, waiting: 7)
        metrics.batchAnswered(calls: 3, after: .milliseconds(1), error: nil)
        metrics.batchAnswered(calls: 3, after: .milliseconds(1), error: StoreError(.deadlineExceeded, ""))
        metrics.storeFailed(StoreError(.deadlineExceeded, ""), calls: 3)
        metrics.storeFailed(StoreError(.contended, ""), calls: 1)
        let exposition = try Exposition(registry.exposition())
        #expect(exposition.value("sluice_decisions_total", ["outcome": "admitted", "policy": "default"]) == 2)
        #expect(
            exposition.value("sluice_decisions_total", ["outcome": "refused_from_cache", "policy": "default"]) == 1)
        #expect(exposition.value("sluice_decision_duration_seconds_sum", ["outcome": "admitted"]) == 0.005)
        #expect(exposition.value("sluice_batch_calls_bucket", ["le": "4"]) == 1)
        #expect(exposition.value("sluice_batch_calls_bucket", ["le": "2"]) == 0)
        #expect(exposition.value("sluice_batch_duration_seconds_count") == 2)
        #expect(exposition.value("sluice_queued_calls") == 7)
        #expect(exposition.value("sluice_store_errors_total", ["kind": "deadline_exceeded"]) == 3)
        #expect(exposition.value("sluice_store_errors_total", ["kind": "contended"]) == 1)
        #expect(exposition.value("sluice_breaker_state", ["state": "closed"]) == 1)
    }

    @Test func theBreakerShowsItsState() throws {
        let metrics = AdmissionMetrics(factory: registry)
        var breaker = Breaker()
        var generator = SystemRandomNumberGenerator()
        let now = ContinuousClock.now
        for _ in 0..<breaker.settings.consecutiveFailures {
            let failure = Breaker.Outcome.failed(StoreError(.unavailable, ""))
            let transition = breaker.ended(failure, askedAt: now, at: now, using: &generator)
            if let transition { metrics.breakerChanged(transition) }
        }
        let exposition = try Exposition(registry.exposition())
        #expect(exposition.value("sluice_breaker_state", ["state": "open"]) == 1)
        #expect(exposition.value("sluice_breaker_state", ["state": "closed"]) == 0)
        #expect(exposition.value("sluice_breaker_transitions_total", ["to": "open"]) == 1)
    }

    @Test(arguments: Breaker.Mode.allCases)
    func anOperatorsHandShows(_ mode: Breaker.Mode) throws {
        let metrics = AdmissionMetrics(factory: registry)
        metrics.breakerForced(.forcedOpen)
        metrics.breakerForced(mode)
        let exposition = try Exposition(registry.exposition())
        for forced in [Breaker.Mode.forcedOpen, .forcedClosed] {
            let shown = exposition.value("sluice_breaker_forced", ["mode": forced.rawValue])
            #expect(shown == (forced == mode ? 1 : 0))
        }
    }

    /// Every metric that has a help text is in the documentation, and the other way round.
    @Test func theDocumentationListsEveryMetric() throws {
        let root = URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/metrics.md"), encoding: .utf8)
        let listed = Set(text.matches(of: #/\| `((?:sluice|ratelimit|postgres)_[a-z_]+)/#).map { String($0.1) })
        #expect(listed == Set(PrometheusConfiguration.sluice.help.keys))
    }
}
