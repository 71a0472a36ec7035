import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdSluice

extension Response {
    /// An answer of one JSON object.
    static func json(
        _ status: HTTPResponse.Status = .ok, headers: HTTPFields = .roomy, _ members: (inout JSONWriter) -> Void
    ) -> Response {
        var json = JSONWriter()
        json.object(members)
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: json.buffer))
    }
}

extension HTTPFields {
    /// None, with room for all that an answer gets until it is on its way.
    static var roomy: HTTPFields {
        var fields = HTTPFields()
        fields.reserveCapacity(16)
        return fields
    }
}
