import HTTPTypes
import HummingbirdSluice
import HummingbirdTesting
import Testing

@testable import SluiceServer

@Suite struct ReadinessTests {
    private static let fine = Readiness(database: .reachable, schema: .right)
    private static let away = Readiness(database: .unreachable(reason: "connection refused"), schema: .unknown)
    private static let wrong = Readiness(
        database: .reachable, schema: .wrong(reason: "schema 1, needs 2: run sluice migrate up"), wantedSchema: 2,
        foundSchema: 1)

    @Test func aReplicaThatFailsOpenStaysInTheLoadBalancer() {
        var state = ReadinessState()
        #expect(state.observed(Self.away).isReady)
        #expect(state.observed(Self.fine).isReady)
        #expect(state.observed(Self.away).isReady)
    }

    @Test func aReplicaThatCannotWorkWithTheSchemaIsNotTakenIn() {
        var state = ReadinessState()
        #expect(!state.observed(Self.wrong).isReady)
        #expect(state.observed(Self.away).isReady)
        #expect(!state.observed(Self.wrong).isReady)
        #expect(state.observed(Self.fine).isReady)
        #expect(state.observed(Self.wrong).isReady, "all replicas would go at once")
    }

    @Test func whatTheReplicaHasSeenCountsAlsoWhenNobodyAsked() {
        var state = ReadinessState()
        let dropped = Readiness(database: .reachable, schema: Self.wrong.schema, wasSchemaRight: true)
        #expect(state.observed(dropped).isReady)
        #expect(state.observed(Self.wrong).isReady)
    }

    @Test func aReplicaThatStopsIsOut() {
        var state = ReadinessState()
        _ = state.observed(Self.fine)
        state.stopping()
        let verdict = state.observed(Self.fine)
        #expect(!verdict.isReady)
        #expect(verdict.reasons == ["the replica is stopping"])
    }

    @Test func theBodySaysWhatIsKnown() async throws {
        let probe = ScriptedProbe(Self.wrong)
        let service = try TestService(probe: probe)
        let out = try await service.send(.get, "/readyz", headers: [:])
        #expect(out.status == .serviceUnavailable)
        #expect(
            out.text == #"{"ready":false,"database":"reachable","schema":"wrong","schema_wanted":2,"schema_found":1,"#
                + #""journal":"off","reasons":["schema 1, needs 2: run sluice migrate up"]}"#)
        probe.become(Self.away)
        let away = try await service.send(.get, "/readyz", headers: [:])
        #expect(away.status == .ok)
        #expect(
            away.text
                == #"{"ready":true,"database":"unreachable","schema":"unknown","schema_wanted":null,"#
                + #""schema_found":null,"journal":"off","reasons":["connection refused"]}"#)
    }

    @Test func aJournalThatFailsIsToldAndNoReasonToLeave() async throws {
        let failing = Readiness(database: .reachable, schema: .right, journal: .failing(reason: "the journal is full"))
        let response = try await TestService(probe: ScriptedProbe(failing)).send(.get, "/readyz", headers: [:])
        #expect(response.status == .ok)
        #expect(
            response.text == #"{"ready":true,"database":"reachable","schema":"right","schema_wanted":null,"#
                + #""schema_found":null,"journal":"failing","reasons":["the journal is full"]}"#)
    }

    @Test func healthIsAboutTheProcessAlone() async throws {
        let response = try await TestService(probe: ScriptedProbe(Self.wrong)).send(.get, "/healthz", headers: [:])
        #expect(response.status == .ok)
        #expect(response.text == #"{"status":"alive"}"#)
    }
}
