import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdSluice
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import SluiceServer

@Suite struct BodyReaderTests {
    private func read(
        _ chunks: [String], limit: Int = 10, timeout: Duration = .seconds(10), headers: HTTPFields = [:]
    ) async throws -> String {
        let (body, source) = RequestBody.makeStream()
        let request = Request(
            head: HTTPRequest(method: .post, scheme: nil, authority: nil, path: "/", headerFields: headers), body: body)
        let context = ServiceContext(
            source: ApplicationRequestContextSource(channel: NIOAsyncTestingChannel(), logger: Logger(label: "test")))
        async let read = BodyReader(limit: limit, timeout: timeout).read(request, context)
        for chunk in chunks { await source.yield(ByteBuffer(string: chunk)) }
        source.finish()
        return String(buffer: try await read)
    }

    @Test func joinsChunks() async throws {
        #expect(try await read(["{", "\"a\"", "}"]) == "{\"a\"}")
        #expect(try await read([]) == "")
    }

    @Test func takesTheLimitAndNoMore() async throws {
        #expect(try await read(["01234", "56789"]) == "0123456789")
        await #expect(throws: ServiceError.contentTooLarge(limit: 10)) { try await read(["01234", "567890"]) }
        await #expect(throws: ServiceError.contentTooLarge(limit: 10)) { try await read(["01234567890"]) }
    }

    @Test func believesTheLengthThatIsAnnounced() async throws {
        await #expect(throws: ServiceError.contentTooLarge(limit: 10)) {
            try await read([], headers: [.contentLength: "11"])
        }
    }

    /// Any time at all is too long here; a body in one piece is never too slow.
    @Test func givesUpOnABodyThatDripsIn() async throws {
        await #expect(throws: ServiceError.requestTimeout) {
            try await read(["a", "b"], timeout: .nanoseconds(-1))
        }
        #expect(try await read(["a"], timeout: .nanoseconds(-1)) == "a")
    }

    @Test(arguments: [
        "application/json", "Application/JSON", "application/json; charset=utf-8", "application/json ;q=1",
    ])
    func takesJSON(type: String) async throws {
        #expect(try await read(["{}"], headers: [.contentType: type]) == "{}")
    }

    @Test(arguments: ["text/plain", "application/jsonp", "application/x-www-form-urlencoded", "", "application/ json"])
    func refusesOtherTypes(type: String) async throws {
        await #expect(throws: ServiceError.unsupportedMediaType(type)) {
            try await read(["{}"], headers: [.contentType: type])
        }
    }
}
