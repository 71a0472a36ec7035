import Foundation

/// What a ``ScriptedUpstream`` understands of a request.
struct UpstreamQuestion: Sendable {
    private struct Body: Decodable {
        struct Options: Decodable {
            let includeUsage: Bool?

            enum CodingKeys: String, CodingKey { case includeUsage = "include_usage" }
        }

        let model: String?
        let stream: Bool?
        let streamOptions: Options?
        let encoding: String?

        enum CodingKeys: String, CodingKey {
            case model, stream
            case streamOptions = "stream_options"
            case encoding = "encoding_format"
        }
    }

    let model: String
    let isStream: Bool
    let includesUsage: Bool
    let wantsBase64: Bool
    let script: UpstreamScript

    init(body: [UInt8]) {
        let body = try? JSONDecoder().decode(Body.self, from: Data(body))
        model = body?.model ?? "scripted"
        isStream = body?.stream ?? false
        includesUsage = body?.streamOptions?.includeUsage ?? false
        wantsBase64 = body?.encoding == "base64"
        script = UpstreamScript(model: model)
    }
}
