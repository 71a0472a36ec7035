import SluiceCore

/// The claims of a token whose signature is good.
struct TokenClaims {
    let principal: Principal
    /// The end of the token, leeway included.
    let endsAt: Timestamp

    /// - Throws: why the claims do not let anybody in at `now`.
    init(_ payload: [UInt8], rules: TokenRules, at now: Timestamp) throws(Refusal) {
        guard let claims = JSONReader.read(payload)?.object else { throw Refusal(.malformed) }
        guard let expiry = try Self.time(claims["exp"]) else { throw Refusal(.claims) }
        endsAt = expiry.advanced(by: rules.leeway)
        guard now < endsAt else { throw Refusal(.expired) }
        let latest = now.advanced(by: rules.leeway)
        for name in ["nbf", "iat"] {
            if let start = try Self.time(claims[name]), start > latest { throw Refusal(.early) }
        }
        guard Self.isMeant(claims, by: rules) else { throw Refusal(.foreign) }
        guard let user = claims["sub"]?.string.flatMap({ UserID($0) }),
            let role = claims["role"]?.string.flatMap(Role.init)
        else { throw Refusal(.claims) }
        principal = Principal(user: user, role: role, credential: .token)
    }

    struct Refusal: Error {
        let reason: Authentication.Rejection

        init(_ reason: Authentication.Rejection) {
            self.reason = reason
        }
    }

    private static func isMeant(_ claims: [String: JSONValue], by rules: TokenRules) -> Bool {
        if let issuer = rules.issuer, claims["iss"] != .string(issuer) { return false }
        guard let audience = rules.audience else { return true }
        return claims["aud"] == .string(audience) || claims["aud"]?.array?.contains(.string(audience)) == true
    }

    /// A NumericDate (RFC 7519 section 2): seconds since 1970, maybe with a fraction. `nil` where there is none.
    private static func time(_ claim: JSONValue?) throws(Refusal) -> Timestamp? {
        guard let claim else { return nil }
        // Some 30,000 years: further away would be a mistake, and would not fit.
        guard let seconds = claim.number, abs(seconds) < 1e12 else { throw Refusal(.claims) }
        return Timestamp(microseconds: Int64(seconds * 1e6))
    }
}
