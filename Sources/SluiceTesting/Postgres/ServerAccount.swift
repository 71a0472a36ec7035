import Glibc

/// The user that servers run as: PostgreSQL refuses root.
struct ServerAccount: Sendable {
    let user: uid_t
    let group: gid_t

    /// `nil` when the tests themselves run as an ordinary user.
    static func current() throws(FixtureError) -> ServerAccount? {
        guard geteuid() == 0 else { return nil }
        for name in ["postgres", "nobody"] {
            if let entry = getpwnam(name) {
                return ServerAccount(user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
            }
        }
        throw FixtureError("neither a user postgres nor nobody exists to run PostgreSQL as: apt-get install postgresql")
    }
}
