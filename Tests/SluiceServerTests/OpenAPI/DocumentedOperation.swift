import Foundation
import HTTPTypes
import Testing

@testable import SluiceServer

/// What the document says of one method of one path.
struct DocumentedOperation {
    let path: String
    let method: String
    let id: String
    /// Roles by scheme, any one of which will do; empty where nobody is asked.
    let security: [String: [String]]
    /// Each status with the answer's place in the document, or nothing where it is written out.
    let responses: [String: String]
    let hasBody: Bool

    static func all() throws -> [DocumentedOperation] {
        let document = try #require(
            JSONSerialization.jsonObject(with: Data(OpenAPIDocument.text.utf8)) as? [String: Any])
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        return try paths.flatMap { path, methods in
            try methods.map { method, operation in try DocumentedOperation(path, method.uppercased(), operation) }
        }
    }

    static func of(_ route: ServiceRoute) throws -> DocumentedOperation {
        try #require(try all().first { $0.path == route.path && $0.method == route.method.rawValue })
    }

    private init(_ path: String, _ method: String, _ operation: [String: Any]) throws {
        self.path = path
        self.method = method
        id = try #require(operation["operationId"] as? String)
        let alternatives = try #require(operation["security"] as? [[String: [String]]])
        security = alternatives.reduce(into: [:]) { all, scheme in all.merge(scheme) { old, _ in old } }
        let answers = try #require(operation["responses"] as? [String: [String: Any]])
        responses = answers.mapValues { $0["$ref"] as? String ?? "" }
        hasBody = operation["requestBody"] != nil
    }
}
