import Glibc

/// The account that the server's processes run as. PostgreSQL refuses root.
struct ServerAccount: Equatable, Sendable {
    let name: String
    let userID: uid_t
    let groupID: gid_t
    /// Whether it is another account than this process': files must be handed over and children switched.
    let isOther: Bool

    /// Root's servers run as the first of these that exists; Debian's `postgresql` package makes `postgres`.
    static let candidates = ["sluice", "postgres", "nobody"]

    /// The name of the account that this process runs as.
    static var ownName: String {
        let userID = geteuid()
        return lookUp(id: userID)?.name ?? "\(userID)"
    }

    /// The account for this process' servers.
    static func current() throws(EmbeddedPostgresError) -> ServerAccount {
        let userID = geteuid()
        if userID != 0 {
            return ServerAccount(
                name: ownName, userID: userID, groupID: getegid(), isOther: false)
        }
        for name in candidates {
            if let found = lookUp(name: name), found.userID != 0 { return found }
        }
        throw EmbeddedPostgresError(
            "PostgreSQL does not run as root, and there is no account named \(candidates.joined(separator: ", "))"
                + " to run it as: make one (useradd --system sluice) or run Sluice as another user")
    }

    private static func lookUp(name: String) -> ServerAccount? {
        entry { record, buffer, size, result in getpwnam_r(name, record, buffer, size, result) }
    }

    private static func lookUp(id: uid_t) -> ServerAccount? {
        entry { record, buffer, size, result in getpwuid_r(id, record, buffer, size, result) }
    }

    private typealias Result = UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>

    private static func entry(
        _ read: (UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int, Result) -> CInt
    ) -> ServerAccount? {
        var record = passwd()
        var result: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
            guard let base = buffer.baseAddress, read(&record, base, buffer.count, &result) == 0,
                let found = result?.pointee, let name = found.pw_name
            else { return nil }
            return ServerAccount(
                name: String(cString: name), userID: found.pw_uid, groupID: found.pw_gid, isOther: true)
        }
    }
}
