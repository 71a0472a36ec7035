import Foundation

/// The processes of this machine.
enum ProcessTable {
    /// Those whose command line mentions the text, this process aside.
    static func mentioning(_ text: String) -> [Int32] {
        all.filter { $0 != getpid() && commandLine(of: $0).contains(text) }
    }

    /// Children that ended and that nobody has asked after.
    static func zombies(of parent: Int32) -> [Int32] {
        all.filter { process in
            guard let stat = text("/proc/\(process)/stat"), let end = stat.lastIndex(of: ")") else { return false }
            let fields = stat[end...].split(separator: " ")
            return fields.count > 2 && fields[1] == "Z" && fields[2] == "\(parent)"
        }
    }

    private static var all: [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
    }

    private static func commandLine(of process: Int32) -> String { text("/proc/\(process)/cmdline") ?? "" }

    private static func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
