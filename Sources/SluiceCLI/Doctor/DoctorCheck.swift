/// One finding of `sluice doctor`.
struct DoctorCheck: Encodable, Equatable, Sendable {
    enum Verdict: String, Encodable, Sendable {
        case ok, warn, fail
    }

    let name: String
    let verdict: Verdict
    /// What was found, with its value.
    let finding: String
    /// What to do about it; `nil` when all is well.
    let remedy: String?

    static func ok(_ name: String, _ finding: String) -> DoctorCheck {
        DoctorCheck(name: name, verdict: .ok, finding: finding, remedy: nil)
    }

    static func warn(_ name: String, _ finding: String, remedy: String) -> DoctorCheck {
        DoctorCheck(name: name, verdict: .warn, finding: finding, remedy: remedy)
    }

    static func fail(_ name: String, _ finding: String, remedy: String) -> DoctorCheck {
        DoctorCheck(name: name, verdict: .fail, finding: finding, remedy: remedy)
    }
}
