import HTTPTypes
import NIOCore
import SluiceCore
import Testing

@testable import SluiceServer

@Suite struct LogicalCallTests {
    private let calls = LogicalCall(secret: "s")
    private let user = UserID(bits: UUIDBits(high: 1, low: 2))
    private let path = "/v1/chat/completions"

    private func id(_ body: String, _ key: String? = nil, of user: UserID? = nil, at path: String? = nil) -> CallID {
        let headers: HTTPFields = key.map { [.idempotencyKey: $0] } ?? [:]
        return calls.id(
            of: user ?? self.user, path: path ?? self.path, headers: headers, body: ByteBuffer(string: body))
    }

    @Test func sameQuestionIsTheSameCall() {
        #expect(id("{}") == id("{}"))
        #expect(id("{}") == id("{}", ""), "an empty key is none")
        #expect(id("{}") != id("{} "))
    }

    @Test func sameKeyIsTheSameCallWhateverIsAsked() {
        #expect(id("{}", "k") == id("[]", "k"))
        #expect(id("{}", "k") != id("{}", "l") && id("{}", "k") != id("{}"))
        // A key that looks like a body's part of the hash is none.
        #expect(id("k", nil) != id("", "k"))
    }

    @Test func callsOfOthersAndOtherPathsAreOthers() {
        let other = UserID(bits: UUIDBits(high: 1, low: 3))
        for key in [nil, "k"] {
            #expect(id("{}", key) != id("{}", key, of: other))
            #expect(id("{}", key) != id("{}", key, at: "/v1/messages"))
        }
    }

    /// So that who can read the ledger cannot try out questions.
    @Test func theSecretGoesIn() {
        let other = LogicalCall(secret: "t")
        let body = ByteBuffer(string: "{}")
        #expect(id("{}") != other.id(of: user, path: path, headers: [:], body: body))
    }

    @Test func idsAreUUIDsOfVersion8() {
        for key in (0..<50).map({ "\($0)" }) {
            let text = Array("\(id("{}", key))")
            #expect(text[14] == "8" && "89ab".contains(text[19]))
        }
    }

    @Test(arguments: [("0", 0), ("2", 2), ("", 0), ("two", 0), ("99999999999999999999", 0), ("-1", 0)])
    func attemptsAreAsTheClientCounts(_ header: String, _ attempt: Int) {
        // What is out of range is put right where the call is made.
        let read = CallOrigin(attempt: LogicalCall.attempt([.retryCount: header])).attempt
        #expect(read == attempt)
    }
}
