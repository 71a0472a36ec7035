import HTTPTypes
import SluiceCore
import Testing

@testable import SluiceServer

/// The document says what the router does, and nothing else.
@Suite struct OpenAPIDocumentTests {
    @Test func namesEveryRouteAndNothingElse() throws {
        let listed = try DocumentedOperation.all().map { "\($0.method) \($0.path) \($0.id)" }
        let routes = ServiceRoute.allCases.map { "\($0.method.rawValue) \($0.path) \($0)" }
        #expect(listed.sorted() == routes.sorted())
    }

    @Test(arguments: ServiceRoute.allCases)
    func saysWhoMayUse(_ route: ServiceRoute) throws {
        let operation = try DocumentedOperation.of(route)
        switch route.access {
        case .open:
            #expect(operation.security == [:])
            #expect(operation.responses["401"] == nil)
            #expect(operation.responses["403"] == nil)
        case .roles(let roles):
            let isForAll = roles.count == Role.allCases.count
            let named = isForAll ? [] : Role.allCases.filter(roles.contains).map(\.rawValue)
            #expect(operation.security == ["bearer": named, "xAPIKey": named, "apiKey": named])
            #expect(operation.responses["401"]?.hasSuffix("Unauthorized") == true)
            #expect((operation.responses["403"] != nil) == (!isForAll || route.meter == .call))
        case .selfOr:
            #expect(operation.security == ["bearer": [], "xAPIKey": [], "apiKey": []])
            #expect(operation.responses["401"]?.hasSuffix("Unauthorized") == true)
            #expect(operation.responses["403"]?.hasSuffix("Forbidden") == true)
        }
    }

    /// By the user's window where a call is decided, by the address alone elsewhere, and never for those who watch.
    @Test(arguments: ServiceRoute.allCases)
    func saysWhatLimits(_ route: ServiceRoute) throws {
        let answer = try DocumentedOperation.of(route).responses["429"]
        let isByAddressAlone = answer?.hasSuffix("AddressRefused")
        if route.isWatched {
            #expect(answer == nil)
        } else {
            #expect(isByAddressAlone == !(route.meter == .call || route == .admit), "\(answer ?? "no 429")")
        }
    }

    /// What a body can get wrong is answered wherever one is read.
    @Test(arguments: ServiceRoute.allCases)
    func saysWhatABodyMayBe(_ route: ServiceRoute) throws {
        let operation = try DocumentedOperation.of(route)
        let isRead = route.method == .post
        #expect(operation.hasBody == isRead)
        for status in ["408", "413", "415"] { #expect((operation.responses[status] != nil) == isRead, "\(status)") }
    }

    /// By the validator of others, examples included.
    @Test(.timeLimit(.minutes(10))) func isValid() async throws {
        let said = try await ClientPython.complaint(
            about: OpenAPIDocument.text,
            by: """
                import json, sys
                from openapi_schema_validator import OAS31Validator
                from openapi_spec_validator import validate
                document = json.load(open(sys.argv[1]))
                validate(document)
                def examples(node):
                    if isinstance(node, dict):
                        if "schema" in node and "example" in node: yield node["schema"], node["example"]
                        for child in node.values(): yield from examples(child)
                    elif isinstance(node, list):
                        for child in node: yield from examples(child)
                found = list(examples(document))
                assert len(found) > 20, "the examples were not found"
                for schema, example in found:
                    OAS31Validator({"components": document["components"], **schema}).validate(example)
                """)
        #expect(said == nil)
    }
}
