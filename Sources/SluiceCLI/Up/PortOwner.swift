import FoundationEssentials
import Glibc

/// Finds out who listens on a TCP port of this machine.
enum PortOwner {
    /// - Parameter remedy: what to do instead of stopping whoever holds the port.
    /// - Throws: ``CommandError`` naming the process that holds it.
    static func checkFree(_ port: Int, host: String, otherwise remedy: String) throws(CommandError) {
        guard port != 0, isTaken(port, host: host) else { return }
        let owner = find(port).map { " by \($0)" } ?? ""
        throw CommandError(.unavailable, "port \(port) is taken\(owner): stop it, or \(remedy)")
    }

    /// Whether a server of ours could not listen there. Hosts other than IPv4 addresses are not tried.
    private static func isTaken(_ port: Int, host: String) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var yes: Int32 = 1
        // As servers do: connections that linger after a stopped server do not take its port.
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        guard inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host, &address.sin_addr) == 1 else { return false }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return result != 0 && errno == EADDRINUSE
    }

    /// The program and process that listens, when this process may see it.
    private static func find(_ port: Int) -> String? {
        let inodes = ["/proc/net/tcp", "/proc/net/tcp6"].reduce(into: Set<String>()) { found, path in
            found.formUnion(listeningInodes(port: port, table: (try? text(path)) ?? ""))
        }
        guard !inodes.isEmpty, let entries = try? FileManager.default.contentsOfDirectory(atPath: "/proc") else {
            return nil
        }
        for process in entries.compactMap({ Int32($0) }) where holds(process, inodes) {
            let name = (try? text("/proc/\(process)/comm")).map { $0.filter { $0 != "\n" } } ?? "a program"
            return "\(name) (process \(process))"
        }
        return nil
    }

    /// The sockets in state 0A, listening, of a table of `/proc/net`.
    static func listeningInodes(port: Int, table: String) -> [String] {
        let hexadecimal = String(port, radix: 16, uppercase: true)
        let suffix = ":" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
        return table.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[1].hasSuffix(suffix), fields[3] == "0A" else { return nil }
            return String(fields[9])
        }
    }

    private static func holds(_ process: Int32, _ inodes: Set<String>) -> Bool {
        let folder = "/proc/\(process)/fd"
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return descriptors.contains { descriptor in
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(descriptor)")
            else { return false }
            return target.hasPrefix("socket:[") && inodes.contains(String(target.dropFirst(8).dropLast()))
        }
    }

    private static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
}
