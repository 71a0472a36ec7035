import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdSluice
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import SluiceServer

@Suite struct BodyBudgetTests {
    private static let free = BodyBudget.free

    @Test func allBodiesTogetherAreBounded() {
        let budget = BodyBudget(limit: 100)
        let one = BodyClaim(budget)
        #expect(one.covers(Self.free + 60))
        #expect(one.covers(Self.free + 40))
        let other = BodyClaim(budget)
        #expect(!other.covers(Self.free + 41))
        #expect(other.covers(Self.free + 40))
        #expect(!one.covers(Self.free + 61))
    }

    @Test func smallBodiesAreFree() {
        #expect(BodyClaim(BodyBudget(limit: 0)).covers(Self.free))
        #expect(!BodyClaim(BodyBudget(limit: 0)).covers(Self.free + 1))
    }

    @Test func whatIsDroppedIsGivenBack() {
        let budget = BodyBudget(limit: 100)
        for _ in 0..<3 { #expect(BodyClaim(budget).covers(Self.free + 100)) }
    }

    @Test func aBodyBeyondItIsTurnedAway() async throws {
        let budget = BodyBudget(limit: 100)
        #expect(try await read(Self.free + 100, BodyClaim(budget)) == Self.free + 100)
        await #expect {
            try await read(Self.free + 101, BodyClaim(budget))
        } throws: { error in
            guard case .status(.serviceUnavailable, _) = error as? ServiceError else { return false }
            return true
        }
    }

    private func read(_ size: Int, _ claim: BodyClaim) async throws -> Int {
        let body = RequestBody(buffer: ByteBuffer(repeating: UInt8(ascii: "x"), count: size))
        let head = HTTPRequest(method: .post, scheme: nil, authority: nil, path: "/")
        let context = ServiceContext(
            source: ApplicationRequestContextSource(channel: NIOAsyncTestingChannel(), logger: Logger(label: "test")))
        return try await BodyReader(limit: .max, timeout: .seconds(10))
            .read(Request(head: head, body: body), context, claim: claim).readableBytes
    }
}
