import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import SluiceCore
import Testing

@testable import HummingbirdSluice

@Suite struct ServiceErrorTests {
    /// Row A11, both ways.
    @Test func tooManyRequestsWithARetryAfterHasTheHeader() {
        let headers = ServiceError.tooManyRequests(nil, retryAfter: .milliseconds(1_500)).response().headers
        #expect(headers[.retryAfter] == "2")
        #expect(headers[.retryAfterMilliseconds] == "1500")
        #expect(headers[.shouldRetry] == "true")
    }

    @Test func tooManyRequestsWithoutARetryAfterHasNoHeader() {
        let response = ServiceError.tooManyRequests(nil, retryAfter: nil).response()
        #expect(response.status == .tooManyRequests)
        #expect(response.headers[.retryAfter] == nil)
        #expect(response.headers[.retryAfterMilliseconds] == nil)
        #expect(response.headers[.shouldRetry] == nil)
    }

    @Test func unavailableSaysWhenIfThatIsKnown() {
        #expect(ServiceError.unavailable(retryAfter: .seconds(3)).response().headers[.retryAfter] == "3")
        #expect(ServiceError.unavailable(retryAfter: nil).response().headers[.retryAfter] == nil)
    }

    @Test func aCallThatCannotBeKeptIsTurnedAwayAndToldWhy() throws {
        let response = ServiceError.unrecorded(retryAfter: .seconds(2)).response()
        #expect(response.status == .serviceUnavailable)
        #expect(response.headers[.retryAfter] == "2")
        #expect(ServiceError.unrecorded(retryAfter: nil).detail?.contains("journal") == true)
    }

    @Test func whatClientsWereNotMeantToSeeIsHidden() async throws {
        struct Leak: Error, CustomStringConvertible { let description = "password=hunter2" }
        let lines = LineRecorder.Lines()
        let router = Router()
        router.add(middleware: ProblemDetailsMiddleware())
        router.get("/leak") { _, _ -> String in throw Leak() }
        let application = Application(router: router, logger: LineRecorder.logger(lines))
        let response = try await application.test(.router) { try await $0.execute(uri: "/leak", method: .get) }
        let problem = try response.problem(.internalServerError)
        #expect(problem["detail"] == nil && !response.text.contains("hunter2"))
        let loud = lines.all.filter { !$0.hasPrefix("debug") && !$0.hasPrefix("trace") }
        #expect(loud.count == 1)
        #expect(loud.allSatisfy { $0.hasPrefix("error request failed") && !$0.contains("hunter2") })
    }

    @Test(arguments: [
        (HTTPError(.notFound) as any Error, ServiceError.notFound),
        (HTTPError(.conflict, message: "taken"), .status(.conflict, detail: "taken")),
        (NIOTooManyBytesError(maxBytes: 1), .status(.contentTooLarge, detail: nil)),
        (FieldError(field: "f", reason: "r"), .invalid(FieldError(field: "f", reason: "r"))),
        (
            CallError.weightOutOfRange(-1),
            .invalid(FieldError(field: "weight", reason: "weight -1 is out of range: use 0 to 1000000000"))
        ),
        (LimiterError.cancelled, .unavailable(retryAfter: nil)),
        (
            LimiterError.unavailable(StoreError(.unavailable, "gone"), retryAfter: .seconds(1)),
            .unavailable(retryAfter: .seconds(1))
        ),
        (
            LimiterError.unavailable(StoreError(.unrecorded, "full"), retryAfter: .seconds(1)),
            .unrecorded(retryAfter: .seconds(1))
        ),
        (LimiterError.unavailable(StoreError(.rejected, "NUL"), retryAfter: nil), .failed),
    ])
    func everyErrorHasItsForm(error: any Error, expected: ServiceError) {
        #expect(ServiceError(rendering: error) == expected)
    }

    @Test func headersOfOtherErrorsAreKept() throws {
        let error = HTTPError(.unauthorized, headers: [.wwwAuthenticate: "Basic"], message: "who?")
        let response = try Response.problem(for: error, logger: Logger(label: "test"))
        #expect(response.headers[.wwwAuthenticate] == "Basic")
        #expect(response.headers[.contentType] == "application/problem+json")
    }
}
