import Hummingbird
import HummingbirdCore
import HummingbirdSluice

extension ErrorShape {
    /// The form that whoever sends a request expects, also on paths below those of the SDKs that are none of ours.
    ///
    /// The SDKs of both providers ask for `/v1/models`; those of Anthropic say their version.
    static func expected(by request: Request) -> ErrorShape {
        let path = request.uri.path
        func isAt(_ base: String) -> Bool { path == base || path.hasPrefix(base + "/") }
        guard path.hasPrefix("/v1/") else { return .problem }
        if isAt("/v1/messages") { return .anthropic }
        if isAt("/v1/models") { return request.headers[.anthropicVersion] == nil ? .openAI : .anthropic }
        let openAI = ["/v1/chat", "/v1/responses", "/v1/embeddings"]
        return openAI.contains(where: isAt) ? .openAI : .problem
    }
}
