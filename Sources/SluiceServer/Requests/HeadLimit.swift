import HTTPTypes
import HummingbirdSluice

/// How much the head of a request may hold.
///
/// Twice as much is still read, to be answered with a reason; what exceeds that is cut off by the parser, with 400.
package struct HeadLimit: Sendable {
    let fields: Int
    /// Of all names and values.
    let bytes: Int

    package init(fields: Int, bytes: Int) {
        self.fields = fields
        self.bytes = bytes
    }

    var fieldsRead: Int { 2 * fields }
    var bytesRead: Int { 2 * bytes }

    /// - Throws: ``ServiceError/status(_:detail:)`` 431.
    func check(_ headers: HTTPFields) throws(ServiceError) {
        guard headers.count <= fields else {
            throw .status(.requestHeaderFieldsTooLarge, detail: "the request's head may have at most \(fields) fields")
        }
        var size = 0
        for field in headers { size += field.name.rawName.utf8.count + field.value.utf8.count }
        guard size <= bytes else {
            throw .status(
                .requestHeaderFieldsTooLarge, detail: "the fields of the request may have at most \(bytes) bytes")
        }
    }
}
