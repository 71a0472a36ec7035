package import HummingbirdCore
import HummingbirdSluice
package import NIOCore
package import SluiceCore

/// Answers the routes that reach a model, or tell about models.
package protocol GatewayRoutes: Sendable {
    /// Called for the routes of ``ServiceRoute/gateway``, once it is known who asks and that their role may.
    ///
    /// - Throws: ``ServiceError`` for anything but an answer: it gets the shape that the path's SDK expects.
    func handle(_ request: RoutedRequest) async throws -> Response
}

/// A request on its way to a model.
package struct RoutedRequest: Sendable {
    package let route: ServiceRoute
    package let request: Request
    package let context: ServiceContext
    package let principal: Principal
    /// Asked before anything goes to a provider.
    package let gate: CallGate
    let bodyReader: BodyReader
    let bodyClaim: BodyClaim

    /// Takes in the whole JSON body.
    ///
    /// - Throws: ``ServiceError`` where it is too large, too slow or said not to be JSON.
    package func body() async throws -> ByteBuffer {
        try await bodyReader.read(request, context, claim: bodyClaim)
    }
}

extension ServiceRoute {
    /// Those that ``GatewayRoutes`` answer.
    package static let gateway: Set<ServiceRoute> = [
        .triage, .chatCompletions, .responses, .embeddings, .messages, .models, .model,
    ]
}
