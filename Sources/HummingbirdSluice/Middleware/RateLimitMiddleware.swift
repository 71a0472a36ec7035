public import Hummingbird
public import HummingbirdCore
public import SluiceCore

/// Lets a user's requests through as far as a policy allows, and answers the others with 429.
///
/// ```swift
/// router.add(middleware: RateLimitMiddleware(limiter: sluice.limiter, policy: policy) { request, context in
///     context.identity?.userID
/// })
/// ```
/// A refusal is a ``ServiceError`` and so answers as problem details with `Retry-After`, `retry-after-ms`,
/// `x-should-retry`, `RateLimit` and `RateLimit-Policy`; a response that goes through gets the last two. The handler finds
/// the admission, with the call's id in the ledger, in ``CurrentAdmission/value``.
public struct RateLimitMiddleware<Context: RequestContext>: RouterMiddleware {
    /// What becomes of a request that has no user.
    public enum Anonymous: Sendable {
        /// Answered with 401: nobody escapes the limit by not saying who they are.
        case unauthorized
        /// Let through without being counted, for routes that serve others as well.
        case unmetered
    }

    private let limiter: any Limiter
    private let policy: Policy
    private let anonymous: Anonymous
    private let weight: @Sendable (Request, Context) async throws -> Int64
    private let user: @Sendable (Request, Context) async throws -> UserID?

    /// - Parameters:
    ///   - weight: of the request, `1 … Call.maximumWeight`; 1 unless said otherwise. Out of range is answered with 400.
    ///   - user: the authenticated user in whose window the request counts. What it throws is the answer.
    public init(
        limiter: any Limiter, policy: Policy, anonymous: Anonymous = .unauthorized,
        weight: @escaping @Sendable (Request, Context) async throws -> Int64 = { _, _ in 1 },
        user: @escaping @Sendable (Request, Context) async throws -> UserID?
    ) {
        self.limiter = limiter
        self.policy = policy
        self.anonymous = anonymous
        self.weight = weight
        self.user = user
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let user = try await user(request, context) else {
            guard case .unmetered = anonymous else { throw ServiceError.unauthorized(.noUser) }
            return try await next(request, context)
        }
        let admission = try await admission(of: user, weight: weight(request, context))
        var response = try await CurrentAdmission.$value.withValue(admission) { try await next(request, context) }
        response.headers.setRateLimit(admission.windows, at: admission.admittedAt)
        return response
    }

    private func admission(of user: UserID, weight: Int64) async throws(ServiceError) -> Admission {
        let decision: Decision
        do {
            let call = try Call(user: user, id: .generated(), weight: weight)
            decision = try await limiter.admit(call, under: policy)
        } catch {
            throw ServiceError(rendering: error)
        }
        switch decision {
        case .admitted(let admission): return admission
        case .refused(let refusal): throw .refused(refusal, weight: weight)
        case .neverFits(let never): throw .neverFits(never)
        }
    }
}
