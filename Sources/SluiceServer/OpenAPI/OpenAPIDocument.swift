/// What can be asked of the service over HTTP, as OpenAPI 3.1 says it, for people and programs.
package enum OpenAPIDocument {
    /// The document, in JSON, which the program carries.
    package static let text = String(decoding: PackageResources.openapi_json, as: UTF8.self)
}
