import FoundationEssentials
import Glibc

/// What the configuration takes from the machine when nobody says otherwise.
struct Machine: Sendable {
    let hostName: String
    let isRoot: Bool
    let home: String?
    let stateHome: String?
    let workingDirectory: String

    /// The one that this process runs on.
    static func current(_ environment: [String: String]) -> Machine {
        Machine(
            hostName: ProcessInfo.processInfo.hostName, isRoot: geteuid() == 0,
            home: environment["HOME"].flatMap { $0.isEmpty ? nil : $0 },
            stateHome: environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil },
            workingDirectory: FileManager.default.currentDirectoryPath)
    }

    /// Not root's home: PostgreSQL runs as another user then, and `/root` is closed to it.
    var defaultDataDirectory: String? {
        if let stateHome { return "\(stateHome)/sluice" }
        if isRoot { return "/var/lib/sluice" }
        return home.map { "\($0)/.local/state/sluice" }
    }

    /// The path seen from the working directory, with `~/` resolved, since neither YAML nor a unit file does that.
    func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        if path.hasPrefix("~/"), let home { return home + path.dropFirst() }
        return "\(workingDirectory)/\(path)"
    }
}
