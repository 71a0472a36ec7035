import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdSluice

extension Response {
    /// An answer of one JSON object.
    static func json(
        _ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], _ members: (inout JSONWriter) -> Void
    ) -> Response {
        var json = JSONWriter()
        json.object(members)
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: json.buffer))
    }
}
