import Foundation
import HTTPTypes
import HummingbirdTesting

@testable import SluiceServer

/// An answer of the service, to be compared with the document.
struct ObservedAnswer: Encodable {
    let path: String
    let method: String
    let status: Int
    let type: String
    let fields: [String]
    let body: String

    /// - Parameters:
    ///   - credential: whom ``ScriptedAuthenticator`` knows; `nil` for none.
    ///   - path: the route's own where it is left out.
    static func of(
        _ service: TestService, _ route: ServiceRoute, as credential: String?, _ path: String? = nil,
        _ body: String? = nil
    ) async throws -> ObservedAnswer {
        var headers: HTTPFields = [:]
        if let credential { headers[.authorization] = "Bearer \(credential)" }
        let response = try await service.send(route.method, path ?? route.path, body, headers: headers)
        return ObservedAnswer(
            path: route.path, method: route.method.rawValue.lowercased(), status: response.status.code,
            type: response.headers[.contentType].map { String($0.prefix { $0 != ";" }) } ?? "none",
            fields: response.headers.map(\.name.canonicalName), body: response.text)
    }

    /// What is not as the document says; `nil` when everything is.
    static func complaint(about answers: [ObservedAnswer]) async throws -> String? {
        let text = String(decoding: try JSONEncoder().encode(answers), as: UTF8.self)
        return try await ClientPython.complaint(
            about: #"{"document":\#(OpenAPIDocument.text),"answers":\#(text)}"#,
            by: """
                import json, sys
                from openapi_schema_validator import OAS31Validator
                given = json.load(open(sys.argv[1]))
                document, components = given["document"], given["document"]["components"]
                def resolved(node):
                    while "$ref" in node:
                        _, _, kind, name = node["$ref"].split("/")
                        node = components[kind][name]
                    return node
                for answer in given["answers"]:
                    said = resolved(document["paths"][answer["path"]][answer["method"]]["responses"][str(answer["status"])])
                    where = f'{answer["method"]} {answer["path"]} {answer["status"]}'
                    known = {name.lower() for name in said.get("headers", {})}
                    ours = {name.lower() for name in components["headers"]} & set(answer["fields"])
                    assert ours <= known | {"request-id"}, f"{where}: header fields {ours - known} are not documented"
                    schema = said["content"][answer["type"]]["schema"]
                    body = json.loads(answer["body"]) if answer["type"].endswith("json") else answer["body"]
                    OAS31Validator({"components": components, **schema}).validate(body)
                    members = resolved(schema).get("properties")
                    if members and isinstance(body, dict):
                        assert set(body) <= set(members), f"{where}: members {set(body) - set(members)} are not documented"
                """)
    }
}
