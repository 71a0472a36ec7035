import Foundation
import HTTPTypes
import HummingbirdTesting
import SluiceCore
import Testing

@testable import SluiceServer

@Suite struct SettleTests {
    private func send(_ settler: ScriptedSettler?, _ more: String = "") async throws -> TestResponse {
        var parts = ServiceParts()
        parts.settler = settler
        return try await TestService(parts: parts)
            .send(.post, "/v1/settle", #"{"user":"\#(Sample.user)","call_id":"\#(Sample.callID)"\#(more)}"#)
    }

    @Test func everyFieldArrives() async throws {
        let settler = ScriptedSettler(.settled(cost: 1_234))
        let response = try await send(
            settler,
            #","admitted_at":"2026-11-23T12:34:56.123456Z","model":"m","input_tokens":100,"cached_tokens":30,"#
                + #""cache_write_tokens":20,"output_tokens":50,"reasoning_tokens":40,"status":200,"duration_ms":1500"#)
        #expect(response.status == .ok)
        #expect(response.text == #"{"settled":true,"cost_nanousd":1234}"#)
        let settlement = try #require(settler.settlements.first)
        #expect(settlement.user.description == Sample.user && settlement.callID.description == Sample.callID)
        #expect(settlement.admittedAt == Sample.now)
        #expect(
            settlement.usage == TokenUsage(input: 100, cached: 30, cacheWrite: 20, output: 50, reasoning: 40))
        #expect(settlement.basis == .reported && settlement.model == "m")
        #expect(settlement.status == 200 && settlement.duration == .milliseconds(1_500))
    }

    @Test func whatIsLeftOutIsZeroOrNotKnown() async throws {
        let settler = ScriptedSettler(.settled(cost: nil))
        let response = try await send(settler)
        #expect(response.text == #"{"settled":true,"cost_nanousd":null}"#)
        let settlement = try #require(settler.settlements.first)
        #expect(settlement.usage == .zero && settlement.admittedAt == nil && settlement.status == nil)
    }

    @Test func everyReceiptHasItsAnswer() async throws {
        let known = try await send(ScriptedSettler(.known))
        #expect(known.status == .ok && known.text == #"{"settled":true,"known":true}"#)
        let journaled = try await send(ScriptedSettler(.journaled))
        #expect(journaled.status == .accepted && journaled.text == #"{"settled":false,"journaled":true}"#)
        try await send(ScriptedSettler(.noCall)).problem(.notFound)
        let failing = ScriptedSettler(failing: .unavailable(StoreError(.unrecorded, "full"), retryAfter: .seconds(2)))
        let failed = try await send(failing)
        #expect(failed.status == .serviceUnavailable && failed.headers[.retryAfter] == "2")
        try await send(nil).problem(.serviceUnavailable)
    }

    @Test(arguments: [
        (#""input_tokens":-1"#, "input_tokens"), (#""output_tokens":1000000000001"#, "output_tokens"),
        (#""input_tokens":5,"cached_tokens":6"#, "cached_tokens"), (#""cached_tokens":1"#, "cached_tokens"),
        (#""input_tokens":5,"cached_tokens":3,"cache_write_tokens":3"#, "cache_write_tokens"),
        (#""output_tokens":5,"reasoning_tokens":6"#, "reasoning_tokens"), (#""status":99"#, "status"),
        (#""status":600"#, "status"), (#""duration_ms":-1"#, "duration_ms"), (#""admitted_at":"today""#, "admitted_at"),
        (#""admitted_at":5"#, "admitted_at"), (#""basis":"measured""#, "basis"), (#""model":"\u0000""#, "model"),
        (#""input_tokens":1.5"#, "input_tokens"), (#""input_tokens":99999999999999999999"#, "input_tokens"),
    ])
    func wrongFieldsAreNamed(more: String, field: String) async throws {
        let settler = ScriptedSettler(.known)
        try await send(settler, "," + more).problem(.badRequest, field: field)
        #expect(settler.settlements.isEmpty)
    }

    @Test func theCallIsNamed() async throws {
        var parts = ServiceParts()
        parts.settler = ScriptedSettler(.known)
        let service = try TestService(parts: parts)
        try await service.send(.post, "/v1/settle", #"{"user":"\#(Sample.user)"}"#)
            .problem(.badRequest, field: "call_id")
        try await service.send(.post, "/v1/settle", #"{"call_id":"\#(Sample.callID)"}"#)
            .problem(.badRequest, field: "user")
    }
}
