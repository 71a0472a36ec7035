import SluiceCore

/// Knows whom the test says: `<role>` for a user of that role, `<role>:<uuid>` for that user, `<role>:none` for nobody's key.
struct ScriptedAuthenticator: Authenticator {
    var others: [String: Authentication] = [:]

    func authenticate(_ credential: String) async -> Authentication {
        if let other = others[credential] { return other }
        let parts = credential.split(separator: ":", maxSplits: 1)
        guard let role = parts.first.flatMap({ Role(rawValue: String($0)) }) else { return .rejected(.unknown) }
        let user = parts.count == 2 ? UserID(parts[1]) : UserID(Sample.user)
        return .known(Principal(user: user, role: role, credential: .token))
    }
}
