import SluiceTesting

/// What a case is run on.
struct FaultSetup {
    /// What stands between replicas and server.
    enum Path {
        case socket
        case proxy
        case bouncer
        /// Two servers, both in the URL.
        case standby
    }

    var server = PostgresServer.Options()
    var path = Path.socket
    var replicas = 1
    /// Weight that each user may spend in one window.
    var limit = 60
    /// Seconds.
    var window = 3_600
    var settings: [String: String] = [:]
    /// Keeps the journal on a file system of its own of so many bytes. Needs ``TmpFS/isAvailable``.
    var journalDisk: Int?
    /// The replica's wall clock can be moved.
    var hasFakeClock = false
    var plan = LoadPlan()
}
