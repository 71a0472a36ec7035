import HTTPTypes
import HummingbirdCore
import NIOCore
import SluiceCore
import Testing

@testable import SluiceServer

struct PathTextTests {
    @Test(arguments: [
        ("gpt-x", "gpt-x"), ("org%2Fm", "org/m"), ("%c3%B6", "ö"), ("a+b", "a+b"), ("%2525", "%25"),
    ])
    func isUnescapedOnce(text: String, expected: String) {
        #expect(text.percentDecoded == expected)
    }

    @Test(arguments: ["%", "%4", "%zz", "%ff", "a%-1", "%C3"])
    func isNoneWhereItIsNoText(text: String) {
        #expect(text.percentDecoded == nil)
    }

    /// As the SDKs send the name of a model with a slash in it.
    @Test func aNameInAPathIsUnescaped() async throws {
        var parts = ServiceParts()
        parts.gateway = Echo()
        parts.authenticator = ScriptedAuthenticator()
        let response = try await TestService(parts: parts).send(.get, "/v1/models/org%2Fm%C3%B6")
        #expect(response.text == "org/mö")
    }

    /// Answers with the name of the model that was asked for.
    private struct Echo: GatewayRoutes {
        func handle(_ request: RoutedRequest) async throws -> Response {
            let text = ByteBuffer(string: request.context.pathText("model"))
            return Response(status: .ok, body: ResponseBody(byteBuffer: text))
        }
    }
}
