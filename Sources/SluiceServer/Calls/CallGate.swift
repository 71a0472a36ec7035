package import HummingbirdSluice
package import SluiceCore

/// The one way to a model: whoever asks one needs an ``AdmittedCall``, and only this makes them.
package struct CallGate: Sendable {
    private let limiter: any Limiter
    private let policy: Policy

    init(limiter: any Limiter, policy: Policy) {
        self.limiter = limiter
        self.policy = policy
    }

    /// Decides a call of weight 1, before anything of it goes to a provider.
    ///
    /// - Parameters:
    ///   - model: as the caller names it.
    ///   - origin: the key is filled in from the principal.
    /// - Throws: ``ServiceError`` for a call that may not go on: it is the answer.
    package func admit(
        _ principal: Principal, on route: ServiceRoute, model: String?, origin: CallOrigin = CallOrigin()
    ) async throws(ServiceError) -> AdmittedCall {
        try route.admit(principal)
        guard let user = principal.user else { throw .noUser }
        let call: Call
        let decision: Decision
        do {
            let origin = CallOrigin(
                key: principal.keyID, logicalID: origin.logicalID, attempt: Int(origin.attempt),
                reservation: origin.reservation)
            call = try Call(user: user, id: .generated(), route: route.path, model: model, origin: origin)
            decision = try await limiter.admit(call, under: policy)
        } catch {
            throw ServiceError(rendering: error)
        }
        switch decision {
        case .admitted(let admission): return AdmittedCall(call: call, admission: admission)
        case .refused(let refusal): throw .refused(refusal, weight: call.weight)
        case .neverFits(let never): throw .neverFits(never)
        }
    }
}

/// A call that was let through and counted: what code that asks a model takes as an argument, so that none compiles that
/// asks one unmetered.
package struct AdmittedCall: Sendable {
    package let call: Call
    package let admission: Admission

    // The gate's alone.
    fileprivate init(call: Call, admission: Admission) {
        self.call = call
        self.admission = admission
    }
}
