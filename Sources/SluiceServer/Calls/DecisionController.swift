import Hummingbird
import HummingbirdCore
import HummingbirdSluice
import SluiceCore

/// Answers what is asked about calls: may this one go on, and what does a user's window look like.
struct DecisionController: Sendable {
    let limiter: any Limiter
    let policy: Policy
    let body: BodyReader

    private static let peekFields = [DecisionRequest.Field.user, .weight].map(\.rawValue)

    /// `POST /v1/admit`
    nonisolated(nonsending) func admit(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let asked = try await DecisionRequest(body.read(request, context), names: DecisionRequest.Field.allNames)
        switch try await limiter.admit(asked.call(), under: policy) {
        case .admitted(let admission): return .admitted(admission)
        case .refused(let refusal): return ServiceError.refused(refusal, weight: asked.weight).response()
        case .neverFits(let never): return ServiceError.neverFits(never).response()
        }
    }

    /// `POST /v1/peek`
    func peek(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let asked = try await DecisionRequest(body.read(request, context), names: Self.peekFields)
        try ServiceRoute.peek.admit(context.knownPrincipal(), forThatOf: asked.user)
        // A call that could be made: its weight is within bounds.
        return try await look(at: asked.user, weight: max(1, asked.call().weight))
    }

    /// `GET /v1/users/{user}/window`
    func window(_ context: ServiceContext) async throws -> Response {
        let user = try RequestFields.userID(context.parameters.get("user") ?? "")
        try ServiceRoute.window.admit(context.knownPrincipal(), forThatOf: user)
        return try await look(at: user, weight: 1)
    }

    private func look(at user: UserID, weight: Int64) async throws -> Response {
        try await .peeked(limiter.peek(user, weight: weight, under: policy), weight: weight)
    }
}
