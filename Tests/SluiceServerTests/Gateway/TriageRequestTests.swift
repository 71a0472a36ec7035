import HummingbirdSluice
import NIOCore
import SluiceCore
import Testing

@testable import SluiceServer

@Suite struct TriageRequestTests {
    private func request(_ body: String) throws(FieldError) -> TriageRequest {
        try TriageRequest(ByteBuffer(string: body))
    }

    @Test func readsWhatIsThere() throws {
        let all = try request(
            #"{"question":"Why?","context":"the log","subject":"6f1c9a52-7d3e-4b8a-9c55-0e2f6a1b3c4d"}"#)
        #expect(all.question == "Why?" && all.context == "the log")
        #expect(all.subject == UserID("6f1c9a52-7d3e-4b8a-9c55-0e2f6a1b3c4d"))
        let least = try request(#"{"question":"Why?"}"#)
        #expect(least.context == nil && least.subject == nil)
    }

    @Test(arguments: [
        (#"{}"#, "question"), (#"{"question":7}"#, "question"), (#"{"question":"Why?","context":[]}"#, "context"),
        (#"{"question":"Why?","subject":"she"}"#, "subject"), (#"{"question":"Why?","facts":"none"}"#, "facts"),
        (#"["#, "body"),
    ])
    func saysWhichFieldIsWrong(_ body: String, _ field: String) {
        let error = #expect(throws: FieldError.self) { try request(body) }
        #expect(error?.field == field)
    }
}
