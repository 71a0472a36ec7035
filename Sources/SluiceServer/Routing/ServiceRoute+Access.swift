import HummingbirdSluice
package import SluiceCore

extension ServiceRoute {
    /// Who may use a route.
    package enum Access: Hashable, Sendable {
        /// Everyone who reaches the port.
        case open
        case roles(Set<Role>)
        /// Those roles, and everyone who is known for what is their own.
        case selfOr(Set<Role>)
    }

    /// Whether a request on a route reaches a model, and so counts in the window of who asks.
    package enum Meter: Hashable, Sendable {
        case none
        case call
    }

    package var access: Access {
        switch self {
        case .admit, .settle: Self.services
        case .peek, .window: Self.owners
        case .listKeys, .createKey, .revokeKey: Self.administrators
        case .triage: Self.operators
        case .chatCompletions, .responses, .embeddings, .messages: Self.callers
        case .models, .model: Self.everyone
        case .openAPI, .health, .readiness, .metrics: .open
        }
    }

    // Made once: every request asks.
    private static let services = Access.roles([.service, .admin])
    private static let owners = Access.selfOr([.service, .admin, .operator, .readonly])
    private static let administrators = Access.roles([.admin])
    private static let operators = Access.roles([.admin, .operator])
    private static let callers = Access.roles([.admin, .operator, .agent, .service])
    private static let everyone = Access.roles(Set(Role.allCases))

    package var meter: Meter {
        switch self {
        case .triage, .chatCompletions, .responses, .embeddings, .messages: .call
        case .admit, .peek, .window, .settle, .listKeys, .createKey, .revokeKey, .models, .model, .openAPI, .health,
            .readiness, .metrics:
            .none
        }
    }

    /// Lets those through who may use the route. Whether something is somebody's own is the handler's to find out.
    func admit(_ principal: Principal) throws(ServiceError) {
        if case .roles(let roles) = access, !roles.contains(principal.role) {
            throw .forbidden(role: principal.role, allowed: Role.allCases.filter(roles.contains))
        }
        if meter == .call, principal.user == nil { throw .noUser }
    }

    /// Lets those through who may use the route for what is a user's.
    func admit(_ principal: Principal, forThatOf user: UserID) throws(ServiceError) {
        if case .selfOr(let roles) = access, !roles.contains(principal.role), principal.user != user {
            throw .foreignUser(role: principal.role)
        }
    }
}
