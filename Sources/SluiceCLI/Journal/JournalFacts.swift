/// What was learned about a journal's directory by looking at it. ``DoctorCheck/journal(_:_:)`` judges it.
struct JournalFacts: Equatable, Sendable {
    /// Why it cannot be written, or read; `nil` when it can.
    var problem: String?
    /// Of the file system, for this user.
    var freeBytes: Int64 = 0
    /// Calls in segments that nobody holds.
    var waiting = 0
    /// Calls in segments of running replicas.
    var held = 0
    /// Segments that are kept for a person to look at.
    var setAside = 0
}

extension DoctorCheck {
    /// Judges a journal.
    static func journal(_ facts: JournalFacts, _ choice: ProgramConfiguration.JournalChoice) -> DoctorCheck {
        let name = "journal"
        if let problem = facts.problem {
            return .fail(
                name, "\(choice.directory): \(problem)",
                remedy: "set SLUICE_JOURNAL_DIR to a folder that this user may write, on a disk of this machine")
        }
        let found = "\(choice.directory): \(facts.held) calls held by replicas, \(facts.waiting) waiting"
        if facts.setAside > 0 {
            return .warn(
                name, "\(found), \(facts.setAside) segments set aside",
                remedy: "look at them (`sluice journal verify`, `sluice journal inspect`), then move them away")
        }
        if facts.freeBytes < choice.maximumBytes {
            return .warn(
                name,
                "\(found); the disk has \(facts.freeBytes) bytes free, the journal may take \(choice.maximumBytes)",
                remedy: "make room, or lower SLUICE_JOURNAL_MAX_BYTES")
        }
        if facts.waiting > 0 {
            return .warn(
                name, found,
                remedy: "start a replica with this directory, or run `sluice journal replay`: their replicas are gone")
        }
        return .ok(name, found)
    }
}
