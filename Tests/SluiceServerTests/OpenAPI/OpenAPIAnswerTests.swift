import HTTPTypes
import HummingbirdTesting
import SluiceCore
import Testing

@testable import SluiceServer

/// What the service answers is what the document says of it: status, type, members and header fields.
@Suite(.timeLimit(.minutes(10))) struct OpenAPIAnswerTests {
    private static let other = "5a1c3e5f-0000-4000-8000-000000000001"
    private static let user = #"{"user":"\#(Sample.user)"}"#
    private static let settlement = #"{"user":"\#(Sample.user)","call_id":"\#(Sample.callID)"}"#
    private static let models: [ServiceRoute] = [.chatCompletions, .responses, .embeddings, .messages, .triage]

    private func service(
        _ limiter: ScriptedLimiter = ScriptedLimiter(), settling receipt: SettlementReceipt = .settled(cost: 1),
        gateway: ScriptedGateway? = nil, requests: Int = 0
    ) throws -> TestService {
        let keys = ListedKeys()
        var parts = ServiceParts()
        parts.authenticator = ScriptedAuthenticator(others: ["away": .unavailable(retryAfter: .seconds(2))])
        parts.settler = ScriptedSettler(receipt)
        parts.keys = KeyAdministration(store: keys, issuer: keys)
        parts.gateway = gateway
        parts.openAPI = OpenAPIDocument.text
        return try TestService(
            limiter: limiter, parts: parts,
            configure: { $0.addressLimit = try AddressLimit(requests: requests, window: .seconds(60)) })
    }

    private func expectAsDocumented(_ answers: [ObservedAnswer], _ statuses: Set<Int>) async throws {
        #expect(Set(answers.map(\.status)) == statuses)
        let complaint = try await ObservedAnswer.complaint(about: answers)
        #expect(complaint == nil)
    }

    @Test func whatIsAskedForIsAnswered() async throws {
        let service = try service()
        var answers: [ObservedAnswer] = []
        func ask(_ route: ServiceRoute, _ path: String? = nil, _ body: String? = nil) async throws {
            answers.append(try await .of(service, route, as: "admin", path, body))
        }
        try await ask(.admit, nil, Self.user)
        try await ask(.peek, nil, Self.user)
        try await ask(.window, "/v1/users/\(Sample.user)/window")
        try await ask(.settle, nil, Self.settlement)
        try await ask(.createKey, nil, #"{"user":"\#(Sample.user)","role":"agent"}"#)
        try await ask(.listKeys)
        try await ask(.revokeKey, "/v1/keys/00000000-0000-0007-0000-000000000000")
        for route in [ServiceRoute.openAPI, .health, .readiness, .metrics] { try await ask(route) }
        try await expectAsDocumented(answers, [200, 201])
    }

    @Test func outagesAreTold() async throws {
        let unchecked = ScriptedLimiter(admit: { call, policy in .admitted(Sample.unchecked(call, under: policy)) })
        let closed = ScriptedLimiter(admit: { _, _ throws(LimiterError) in
            throw .unavailable(StoreError(.unavailable, "away"), retryAfter: .seconds(2))
        })
        var answers = [
            try await ObservedAnswer.of(try service(unchecked), .admit, as: "service", nil, Self.user),
            try await .of(try service(closed), .admit, as: "service", nil, Self.user),
            try await .of(try service(settling: .journaled), .settle, as: "service", nil, Self.settlement),
            try await .of(try service(settling: .known), .settle, as: "service", nil, Self.settlement),
        ]
        for route in ServiceRoute.allCases where route.access != .open {
            answers.append(try await .of(try service(), route, as: "away"))
        }
        try await expectAsDocumented(answers, [200, 202, 503])
    }

    @Test(arguments: [true, false]) func refusalsAreTold(_ everFits: Bool) async throws {
        let limiter = ScriptedLimiter(admit: { call, policy in
            everFits
                ? .refused(Sample.refusal(under: policy, wait: .seconds(90)))
                : .neverFits(Sample.neverFits(call, under: policy))
        })
        var answers = [try await ObservedAnswer.of(try service(limiter), .admit, as: "service", nil, Self.user)]
        for route in Self.models {
            answers.append(
                try await .of(try service(limiter, gateway: ScriptedGateway()), route, as: "admin", nil, "{}"))
        }
        try await expectAsDocumented(answers, [429])
    }

    @Test func addressesAreToldInTheirOwnWords() async throws {
        var answers: [ObservedAnswer] = []
        for route in ServiceRoute.allCases where !route.isWatched {
            let service = try service(requests: 1)
            _ = try await ObservedAnswer.of(service, route, as: nil)
            answers.append(try await .of(service, route, as: nil))
        }
        try await expectAsDocumented(answers, [429])
    }

    @Test func mistakesAreTold() async throws {
        let service = try service()
        var answers: [ObservedAnswer] = []
        for route in ServiceRoute.allCases where route.access != .open {
            answers.append(try await .of(service, route, as: nil))
            answers.append(try await .of(service, route, as: "nobody"))
        }
        for route in Self.models + [.admit] { answers.append(try await .of(service, route, as: "readonly")) }
        for route in Self.models { answers.append(try await .of(service, route, as: "admin", nil, "{}")) }
        answers.append(try await .of(service, .peek, as: "agent", nil, #"{"user":"\#(Self.other)"}"#))
        answers.append(try await .of(service, .admit, as: "service", nil, #"{"weight":1}"#))
        answers.append(
            try await .of(service, .admit, as: "service", nil, String(repeating: " ", count: 20_000)))
        answers.append(try await .of(service, .revokeKey, as: "admin", "/v1/keys/\(Self.other)"))
        answers.append(
            try await .of(try self.service(settling: .noCall), .settle, as: "service", nil, Self.settlement))
        try await expectAsDocumented(answers, [400, 401, 403, 404, 413, 503])
    }
}
