/// Who may do what.
extension DoctorExam {
    private static let remedyForTooMuch =
        "connect replicas as a role of their own: CREATE ROLE service LOGIN IN ROLE sluice_app"

    /// Whether the connected role may do more than a replica needs.
    var role: DoctorCheck {
        let role = facts.role
        if facts.isSuperuser { return .warn("role", "\(role) is a superuser", remedy: Self.remedyForTooMuch) }
        guard let roles = facts.roles else { return .ok("role", "\(role) is no superuser") }
        if roles.isOwner {
            // There everything is one account's.
            if isEmbedded { return .ok("role", "\(role) migrates and serves, as is usual for the embedded database") }
            return .warn(
                "role", "\(role) may do what the schema's owner \(roles.owner) may, to the ledger too",
                remedy: Self.remedyForTooMuch)
        }
        guard roles.writableTables.isEmpty else {
            return .warn(
                "role", "\(role) may write to \(roles.writableTables.joined(separator: ", ")) without the functions",
                remedy: "REVOKE ALL ON ALL TABLES IN SCHEMA sluice FROM whoever it was granted to")
        }
        return .ok("role", "\(role) may write to the ledger by its functions alone")
    }

    /// Whether the roles are there that migrations give privileges to.
    var roles: DoctorCheck? {
        guard let roles = facts.roles else { return nil }
        guard roles.missingRoles.isEmpty else {
            return .warn(
                "roles", "there is no role \(roles.missingRoles.joined(separator: ", "))",
                remedy: "`sluice migrate roles` prints what a superuser runs to make them")
        }
        return .ok("roles", "sluice_owner, sluice_app and sluice_audit are there")
    }

    /// Whether privileges are as the last migration left them.
    var privileges: DoctorCheck? {
        guard let roles = facts.roles else { return nil }
        let remedy = "run SELECT sluice.grant_privileges() as \(roles.owner)"
        guard roles.forbiddenFunctions.isEmpty else {
            return .fail(
                "privileges", "\(facts.role) may not execute \(roles.forbiddenFunctions.joined(separator: ", "))",
                remedy: "GRANT sluice_app TO \(facts.role); if it is granted already, \(remedy)")
        }
        guard roles.openToAll.isEmpty else {
            return .warn(
                "privileges", "every role of the server may use \(Self.several(roles.openToAll))", remedy: remedy)
        }
        guard roles.hiddenViews.isEmpty else {
            return .warn(
                "privileges", "sluice_audit may not read \(Self.several(roles.hiddenViews))", remedy: remedy)
        }
        return .ok("privileges", "\(facts.role) may execute what a replica calls, and nothing is open to all")
    }

    private static func several(_ names: [String]) -> String {
        names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
    }
}
