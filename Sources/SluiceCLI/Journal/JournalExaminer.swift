import Glibc
import SluiceJournal

/// Looks at a journal's directory for `sluice doctor`, and changes nothing in it.
struct JournalExaminer: Sendable {
    private let choice: ProgramConfiguration.JournalChoice

    init(_ choice: ProgramConfiguration.JournalChoice) {
        self.choice = choice
    }

    var check: DoctorCheck {
        guard choice.sync != .off else {
            return .warn(
                "journal", "off: calls that are let through in an outage get no row",
                remedy: "set SLUICE_JOURNAL_SYNC to fsync or os")
        }
        return .journal(facts(), choice)
    }

    private func facts() -> JournalFacts {
        var facts = JournalFacts()
        let existing = Self.nearestFolder(of: choice.directory)
        guard access(existing, W_OK | X_OK) == 0 else {
            facts.problem = "\(existing) cannot be written: \(String(cString: strerror(errno)))"
            return facts
        }
        var room = statvfs()
        if statvfs(existing, &room) == 0 { facts.freeBytes = Int64(room.f_bavail) * Int64(room.f_frsize) }
        guard existing == Self.plain(choice.directory.split(separator: "/")) else { return facts }
        do throws(JournalError) {
            count(try JournalDirectory(choice.directory).segments(), into: &facts)
        } catch {
            facts.problem = "\(error)"
        }
        return facts
    }

    private func count(_ segments: [SegmentReport], into facts: inout JournalFacts) {
        for segment in segments {
            switch segment.state {
            case .waiting: facts.waiting += segment.records
            case .held: facts.held += segment.records
            case .corrupt, .unknown, .rejected: facts.setAside += 1
            case .unfinished: break
            }
        }
    }

    /// The folder itself, or the nearest above that exists: the replica makes the rest.
    private static func nearestFolder(of path: String) -> String {
        var parts = path.split(separator: "/")
        while !parts.isEmpty {
            let folder = plain(parts)
            if Folder.status(folder) != nil { return folder }
            parts.removeLast()
        }
        return "/"
    }

    private static func plain(_ parts: [Substring]) -> String { "/" + parts.joined(separator: "/") }
}
