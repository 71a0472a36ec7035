package import SluiceCore

/// What the service can do beyond deciding calls. What is left out answers 503 and says so.
package struct ServiceParts: Sendable {
    /// Tells whose a credential is that is none of the static service keys; without one those are all that count.
    package var authenticator: (any Authenticator)?
    /// Whether a credential is known right now to be a service's, which the limit per address does not hold for. Asked on
    /// every request: it answers from memory, in a time that tells nothing. Static service keys need not be among them.
    package var isKnownService: @Sendable (String) -> Bool = { _ in false }
    package var settler: (any Settler)?
    package var keys: KeyAdministration?
    package var gateway: (any GatewayRoutes)?
    /// The document at `/openapi.json`.
    package var openAPI: String?

    package init() {}
}
